"""search-index: two unit tests fail, with a report."""

from demo.engine.model import Trigger
from demo.files import JAVA, script
from demo.kit import HOUR, Kit, stage
from demo.shapes_of_pipelines import codebuild, github, push_trigger
from demo.stories import Story

STORY = Story(
    "search-index",
    "eu-west-1",
    "build.test-failed",
    "two JUnit tests fail since the Lucene upgrade",
    "push a revision without the fact failing_tests (the tests fixed)",
)


def build(kit: Kit) -> None:
    """Put the story into the account."""
    region, repository = STORY.region, "example-shop/search-index"
    held = kit.repository(repository, files={"buildspec.yml": JAVA}, age_s=20 * HOUR)
    failing = [
        (
            "com.example.search.analysis.GermanStemmerTest",
            "keepsUmlautsInCompounds",
            (
                "org.opentest4j.AssertionFailedError: expected: <haustur> but was: <haustür>\n"
                "\tat com.example.search.analysis.GermanStemmerTest.keepsUmlautsInCompounds(GermanStemmerTest.java:88)"
            ),
        ),
        (
            "com.example.search.rank.ScorerTest",
            "boostsExactMatches",
            (
                "org.opentest4j.AssertionFailedError: expected: <4.25> but was: <3.75>\n"
                "\tat com.example.search.rank.ScorerTest.boostsExactMatches(ScorerTest.java:141)"
            ),
        ),
    ]
    kit.amend(held, "Bump lucene to 9.11", "dario", 1980, facts={"failing_tests": failing})
    kit.project("search-index", region, compute="BUILD_GENERAL1_MEDIUM", group="/example/ci", stream="search-index")
    kit.project("search-index-deploy", region, buildspec=script("./scripts/reindex.sh --wait"))
    pipeline = kit.pipeline(
        STORY.name,
        region,
        [
            github(kit, region, repository),
            stage("Build", codebuild("search-index")),
            stage("Reindex", codebuild("search-index-deploy", "Reindex", inputs="BuildArtifact", output="")),
        ],
        triggers=[push_trigger()],
    )
    trigger = Trigger("WebhookV2", kit.connection("github-example", region))
    kit.past(pipeline, 48, every_s=11 * HOUR, ended_s_ago=20 * HOUR, trigger=trigger)
    kit.run(pipeline, 1970, trigger)
