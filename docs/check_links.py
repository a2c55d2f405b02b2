"""Find links of the built site that lead nowhere inside it: ``check_links.py docs/_build/html``.

Sphinx warns of references that it cannot resolve; this looks at what a reader clicks on, made by
hand, by the theme or by the gallery. It does not ask the network.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The links of a page, and the places in it that a link can name."""

    def __init__(self, path):
        super().__init__()
        self.links, self.places = set(), {"", "top"}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        """Collect from one tag."""
        attrs = dict(attrs)
        self.links.update(attrs[name] for name in ("href", "src") if attrs.get(name))
        self.places.update(attrs[name] for name in ("id", "name") if attrs.get(name))


def dead_links(site):
    """Yield (page, link) for each link that leads nowhere."""
    # Below _static, the theme keeps a template that is no page.
    paths = [path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts]
    pages = {path: Page(path) for path in paths}
    for path, page in pages.items():
        for link in sorted(page.links):
            url = urlsplit(link)
            if url.scheme or url.netloc:
                continue
            target = (path.parent / unquote(url.path)).resolve() if url.path else path
            if target.is_dir():
                target /= "index.html"
            places = pages[target].places if target in pages else {unquote(url.fragment)}
            if not target.exists() or unquote(url.fragment) not in places:
                yield path.relative_to(site), link


def main():
    """Print what is dead, and fail if anything is."""
    site = Path(sys.argv[1]).resolve()
    if not (site / "index.html").exists():
        sys.exit(f"No site in {site}")
    dead = [f"{page}: {link}" for page, link in dead_links(site)]
    sys.exit("\n".join(["Dead links:", *dead]) if dead else 0)


if __name__ == "__main__":
    main()
