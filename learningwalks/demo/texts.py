"""Made-up notes, praise and takeaways for the demo school."""

NOTES = [
    "Mini whiteboards at every table: all hold up the answer AND how.",
    "“I got it wrong first, want to see?” Nobody laughed.",
    "Three seconds of quiet after each question. Four more hands.",
    "The target was read out by a student, then again at the end.",
    "Word wall being used: two students walked up to it on their own.",
    "Entry task on the board; pens moving before the bell stopped.",
    "Peer feedback with one sentence starter: “What if you…”",
    "Teacher thinks aloud while solving, crosses out, starts again.",
    "Pairs swap roles when the timer turns. No instructions needed.",
    "A quiet student explained the graph to her table, twice.",
    "Exit card sorted into three piles at the door.",
    "Students compare their draft with a good one on the wall.",
    "Everyone gets to say “pass” once. Only one did.",
    "Old exam question as a starter, from memory, then corrected at once.",
    "Glossary in three languages on the desk; a student added a word.",
]

PRAISE = [
    (
        "Thank you for letting me stand at the back of your room. I noticed that every table held up not just "
        "an answer but how they got there. When one student offered to show her mistake, the whole class "
        "leaned in.\n\n"
        "I’m trying the “answer and how” boards with my Period 6 tomorrow."
    ),
    "Your “wrong answers welcome” board got hands up that I’ve never seen raised. I’m making one tonight.",
    ("You waited after asking why the line bends, and four more hands came. I rush; I’m borrowing your pause."),
    (
        "I asked a student how she knew her paragraph was good. She pointed to your model on the wall and "
        "showed me the sentence she had changed because of it. I want that in my room."
    ),
    (
        "The way the starter was ready when students walked in meant that learning began at once. I’m copying "
        "the question on the door."
    ),
    (
        "I heard a boy say “I used to think the opposite.” Your two corners made room for that. I left with a "
        "plan for Monday."
    ),
    (
        "Your quiet minute before the discussion let the quieter students in: I saw three of them speak "
        "first. I’d not thought of doing that."
    ),
    (
        "It was only three minutes, and still I picked up how you fold the feedback into the next task. "
        "Students were changing their work while I stood there."
    ),
    (
        "When you crossed out your own first try, I noticed students relax and cross out theirs. I’m going to "
        "try that with my eighth-graders."
    ),
    (
        "The word wall was being used: two students walked up to it by themselves. Mine is only decoration, "
        "and thanks to you I’m fixing that."
    ),
    (
        "Thank you for the open door. Because every student had a job in the group, the talk stayed on the "
        "bridge they were building. I’m borrowing the job cards."
    ),
    (
        "I saw you hand the question back with “who can add to that?” and the group went on by itself for two "
        "minutes. I’m keeping that sentence."
    ),
]

TAKEAWAYS = [
    "“Answer and how” boards with Period 6",
    "Wait three seconds after every why-question",
    "A starter on the door before they come in",
    "Let students compare with a model before they hand in",
    "One sentence starter for peer feedback",
    "Think aloud, and show my own crossing-out",
    "Job cards for the group project",
    "Exit cards in three piles on Thursdays",
    "Retrieval questions from last term, no grades",
    "“Who can add to that?” instead of answering myself",
    "A glossary on every desk in 8B",
    "A quiet minute before each discussion",
]

AFTER_TRYING = """I tried something that I saw in your room, in my own way: {idea}.

My students asked when we would do it again. Thank you for letting me borrow it."""

CHANGE_WORDS = "Room {room} has visitors already in that period. Would {period} suit you?"
