"""The page that a frame of a notebook holds packed."""

import base64
import gzip
import html
import re


def page_in(shown):
    """Unpack the page of a frame."""
    source = html.unescape(re.search('<iframe srcdoc="([^"]*)"', shown)[1])
    packed = re.search('<script type="text/plain" id="packed">([^<]*)</script>', source)[1]
    return gzip.decompress(base64.b64decode(packed)).decode("utf-8")
