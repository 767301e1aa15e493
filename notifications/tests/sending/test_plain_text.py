"""The plain text of a mail is made from its HTML."""

from notifications.sending.plain_text import plain_text


def test_paragraphs_lists_links_and_the_footer():
    html = """<html><head><title>Not text</title><style>p {}</style></head><body>
      <p>Hello
         Amara,</p><ul><li>Room 204</li><li>Room 206</li></ul>
      <p><a class="button" href="https://school.example/walks/7/">
        See my walk
      </a></p><hr>You get this.</body></html>"""
    assert plain_text(html) == (
        "Hello Amara,\n\n- Room 204\n- Room 206\n\nSee my walk: https://school.example/walks/7/\n\n-- \nYou get this.\n"
    )


def test_typed_text_is_kept():
    assert plain_text("<blockquote>2 &lt; 3 &amp; “yes”<br><br>Second line</blockquote>") == (
        "2 < 3 & “yes”\n\nSecond line\n"
    )


def test_a_link_whose_text_is_its_address_appears_once():
    assert plain_text('<a href="https://school.example/">https://school.example/</a>') == "https://school.example/\n"


def test_only_the_layout_begins_the_footer():
    assert plain_text("<p>Yours<br>-- <br>Amara</p><hr>You get this.") == "Yours\n--\nAmara\n\n-- \nYou get this.\n"


def test_what_is_hidden_from_screen_readers_is_left_out():
    leaf = '<span aria-hidden="true"><span>Fri</span><span>11</span></span>'
    assert plain_text(f"<p>{leaf}<span>Friday</span></p>") == "Friday\n"
