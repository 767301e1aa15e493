"""Static files: only those with a hash in their name, which pages use, are compressed."""

from learningwalks.storage import StaticFiles

NAMES = ("css/ours.css", "js/ours.js", "vendor/theirs.css")


def test_only_files_with_a_hash_in_their_name_are_compressed(tmp_path):
    storage = StaticFiles(location=tmp_path, base_url="/static/")
    storage.hashed_files = {"a.css": "a.0123456789ab.css"}
    for name in ("a.css", "a.0123456789ab.css"):
        (tmp_path / name).write_text("body { color: black }\n" * 100)
    done = {name for _path, name in storage.compress_files(["a.css", "a.0123456789ab.css"])}
    assert done == {"a.0123456789ab.css.br", "a.0123456789ab.css.gz"}


def test_our_styles_and_scripts_are_collected_without_comments(tmp_path):
    storage = StaticFiles(location=tmp_path, base_url="/static/")
    for name in NAMES:
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("/* Licence\n or remark */\naccept = 'image/*, */*'\n")
    processed = {name: hashed for name, hashed, _done in storage.post_process({n: (storage, n) for n in NAMES})}
    for name in ("css/ours.css", "js/ours.js"):
        assert (tmp_path / processed[name]).read_text() == "accept = 'image/*, */*'\n"
    assert "Licence" in (tmp_path / processed["vendor/theirs.css"]).read_text()
