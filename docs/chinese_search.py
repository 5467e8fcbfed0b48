"""Search of Chinese pages without a dictionary: every two characters that follow each other are a word."""

import re

from sphinx.search import SearchLanguage

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_RUN = re.compile(rf"[{HAN}]+|[^\W{HAN}]+")


class ChineseSearch(SearchLanguage):
    """Index of pairs and single characters; a query of two or more is looked up by its pairs."""

    lang = "zh"
    language_name = "Chinese"
    js_splitter_code = r"""
var splitQuery = (query) =>
  (query.match(/[\u3400-\u4dbf\u4e00-\u9fff]+|[\p{Letter}\p{Number}_]+/gu) || []).flatMap((run) =>
    (run.match(/[\u3400-\u4dbf\u4e00-\u9fff]+|[^\u3400-\u4dbf\u4e00-\u9fff]+/gu)).flatMap((part) =>
      /[\u3400-\u4dbf\u4e00-\u9fff]/.test(part) && part.length > 1
        ? Array.from({ length: part.length - 1 }, (_, at) => part.slice(at, at + 2))
        : [part]));
"""

    def split(self, text: str) -> list[str]:
        """Split a text into words, Chinese ones overlapping.

        >>> ChineseSearch({}).split("行车时间 OSM")
        ['行', '车', '时', '间', '行车', '车时', '时间', 'OSM']
        """
        found = []
        for run in _RUN.findall(text):
            if re.match(f"[{HAN}]", run):
                found += [*run, *(run[at : at + 2] for at in range(len(run) - 1))]
            else:
                found.append(run)
        return found
