"""The nearest of the known words, of one word or of several, as messages offer them."""

import pytest

from siting.common.near_words import most_alike, nearest_words, suggestion, suggestion_if_near

SITES = ("shangcang", "bangjun", "xiacang", "yinliu")


@pytest.mark.parametrize(
    ("word", "known", "whole", "near"),
    [
        ("shangcan", SITES, False, ["shangcang"]),
        ("cang", SITES, False, ["shangcang", "xiacang"]),  # a part of both
        ("cang", SITES, True, ["xiacang"]),
        ("zzz", SITES, False, []),
        ("x", SITES, False, []),  # of one letter everything is a part
        ("ab", [], False, []),
        ("aaaa", ["aaab", "aaac", "aaad", "aaae"], True, ["aaab", "aaac", "aaad"]),  # equally near: three
    ],
)
def test_nearest_words(word, known, whole, near):
    assert nearest_words(word, known, whole=whole) == near


def test_of_many_words_the_likest_pair_counts_and_the_order_stays():
    assert most_alike(["纬度", "lat"], ["伟度", "lot", "名称"], whole=True) == ["lot"]
    assert most_alike(["lat"], ["lot", "let"], whole=True) == ["lot", "let"]
    assert most_alike(["纬度"], ["名称"], whole=True) == []
    assert most_alike([], ["名称"]) == most_alike(["名称"], []) == []


def test_words_that_are_offered():
    assert suggestion("bangjn", SITES).en == "did you mean 'bangjun'?"
    assert suggestion("???", ["b", "a"]).en == "known: a, b"
    assert suggestion_if_near("bangjn", SITES).zh == "（是否应为“bangjun”？）"
    assert suggestion_if_near("???", SITES) == ("", "")
