"""What both pages are made of: nothing in them can end an element, and the licence of Leaflet goes along."""

import base64
import hashlib
import json
import re

import pytest

from siting.outputs.inlining import inlined, json_text, leaflet, policy
from siting.types import InstallationError

HOSTILE = ["</script><script>", "<!--", "a&b", "\u2028\u2029", "{{ 7*7 }}", "\\u003c"]


def test_json_cannot_leave_its_element_and_reads_back():
    text = json_text({"names": HOSTILE})
    assert not re.search("[<>&\u2028\u2029]", text)
    assert json.loads(text)["names"] == HOSTILE


def test_policy_admits_a_script_by_the_hash_of_its_very_bytes():
    digest = base64.b64encode(hashlib.sha256("甲".encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy(["甲"])
    assert "unsafe" not in policy(["甲"], img_src="data:")
    assert "img-src data:;" in policy(["甲"], img_src="data:")


def test_the_licence_of_leaflet_stays():
    assert "(c) 2010-2023 Volodymyr Agafonkin" in leaflet("leaflet.js").replace("Vladimir", "Volodymyr")


@pytest.mark.parametrize("text", ["var x = '</script>'", "a{}</STYLE>", "x <!-- y"])
def test_a_text_that_would_end_its_element_is_refused(text):
    with pytest.raises(InstallationError, match=r"evil\.js would end its own element"):
        inlined(text, "evil.js")
