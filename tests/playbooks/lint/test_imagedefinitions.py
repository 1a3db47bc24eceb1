"""imagedefinitions.json and imageDetail.json."""
# ruff: noqa: E501 (a table: one case a line reads best)

from __future__ import annotations

import pytest

from playbooks.lint.imagedefinitions import lint
from tests.playbooks.lint.tables import marked, told

_URI = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web"

CASES: dict[str, str] = {
    "object": f'⟦error type⟧{{"name": "web", "imageUri": "{_URI}:1"}}',
    "text": '⟦error type⟧"web"',
    "empty array": "⟦error too-few⟧[]",
    "empty": "⟦error empty⟧",
    "comma": f'[{{"name": "web", "imageUri": ⟦error json⟧}}, {{"name": "{_URI}"}}]',
    "entry": f'[⟦error type⟧"{_URI}"]',
    "key": f'[⟦error missing-key⟧{{"name": "web", ⟦error unknown-key⟧"imageURI": "{_URI}:1"}}]',
    "container twice": f'[{{"name": "web", "imageUri": "{_URI}:1"}}, {{"name": ⟦error container⟧"web", "imageUri": "{_URI}:2"}}]',
    "container": f'[{{"name": ⟦error container⟧"my web", "imageUri": "{_URI}:1"}}]',
    "placeholder": f'[{{"name": "web", "imageUri": ⟦error image⟧"{_URI}:$TAG"}}]',
    "empty tag": f'[{{"name": "web", "imageUri": ⟦error image⟧"{_URI}:"}}]',
    "upper case": '[{"name": "web", "imageUri": ⟦error image⟧"registry.example.com/Web:1"}]',
    "https": f'[{{"name": "web", "imageUri": ⟦error image⟧"https://{_URI}:1"}}]',
    "empty image": '[{"name": "web", "imageUri": ⟦error image⟧""}]',
    "number": '[{"name": "web", "imageUri": ⟦error image⟧5}]',
    "no tag": f'[{{"name": "web", "imageUri": ⟦hint image⟧"{_URI}"}}]',
    "latest": f'[{{"name": "web", "imageUri": ⟦hint image⟧"{_URI}:latest"}}]',
    "detail key": f'⟦error missing-key⟧{{⟦error unknown-key⟧"imageURI": "{_URI}:1"}}',
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_a_problem_is_told_at_its_place(text: str) -> None:
    clean, expected = marked(text)
    assert told(lint(clean)) == sorted(expected)


@pytest.mark.parametrize(
    "text",
    [
        f'[{{"name": "web", "imageUri": "{_URI}:1.2"}}, {{"name": "log_router", "imageUri": "busybox:1.36"}}]',
        f'\ufeff[{{"name":"web","imageUri":"{_URI}@sha256:{"0a" * 32}"}}]\n',
        f'{{"ImageURI": "{_URI}@sha256:{"0a" * 32}"}}',
        f'{{"ImageSizeInBytes": "44728918", "ImageTags": ["latest"], "RepositoryName": "web", "ImageURI": "{_URI}:1"}}',
    ],
    ids=range(4),
)
def test_a_good_file_has_no_problem(text: str) -> None:
    assert lint(text) == ()


def test_a_file_of_more_than_100_kilobytes_is_too_large() -> None:
    entries = ",".join(f'{{"name": "c{number}", "imageUri": "{_URI}:1"}}' for number in range(1_500))
    assert [each.rule for each in lint(f"[{entries}]")] == ["too-large"]
