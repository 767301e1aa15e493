"""Static files: those that pages name are compressed, once."""

from learningwalks.storage import StaticFiles


def test_only_what_pages_name_is_compressed(tmp_path):
    storage = StaticFiles(location=tmp_path, base_url="/static/")
    storage.hashed_files = {"a.css": "a.0123456789ab.css"}
    for name in ("a.css", "a.0123456789ab.css"):
        (tmp_path / name).write_text("body { color: black }\n" * 100)
    done = {name for _path, name in storage.compress_files(["a.css", "a.0123456789ab.css"])}
    assert done == {"a.0123456789ab.css.br", "a.0123456789ab.css.gz"}
