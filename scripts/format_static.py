"""Format our CSS and JavaScript: one declaration or statement per line. `--check` only names files that need it.

Usage: python scripts/format_static.py [--check]. Vendored files (static/vendor) stay as they are.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import cssbeautifier
import jsbeautifier

STATIC = Path(__file__).resolve().parent.parent / "static"


def formatted_css(text: str) -> str:
    """Return the style sheet with one declaration per line. Empty lines between rules stay as they are."""
    options = cssbeautifier.default_options()
    options.indent_size = 2
    options.end_with_newline = True
    options.newline_between_rules = False
    return str(cssbeautifier.beautify(text, options))


def formatted_js(text: str) -> str:
    """Return the script with one statement per line."""
    options = jsbeautifier.default_options()
    options.indent_size = 2
    options.end_with_newline = True
    options.space_after_anon_function = True
    options.wrap_line_length = 120
    return str(jsbeautifier.beautify(text, options))


def fully_formatted(formatter: Callable[[str], str], text: str) -> str:
    """Run the formatter until it changes nothing more. Some line breaks need two runs."""
    once = formatter(text)
    return once if once == text else fully_formatted(formatter, once)


def main(*, check: bool) -> int:
    """Format the files that need it, or with `check` only print their names and return 1."""
    formatters = {"css": formatted_css, "js": formatted_js}
    differing = []
    for folder, formatter in formatters.items():
        for path in sorted((STATIC / folder).glob(f"*.{folder}")):
            text = path.read_text(encoding="utf-8")
            wanted = fully_formatted(formatter, text)
            if wanted != text:
                differing.append(path)
                if not check:
                    path.write_text(wanted, encoding="utf-8")
    for path in differing:
        print(f"{'Would format' if check else 'Formatted'} {path.relative_to(STATIC.parent)}")
    return 1 if check and differing else 0


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
