from __future__ import annotations

from core.place import Place
from core.plan import ApplyOutcome, ApplyStep, Call, Risk, Undo
from tests.builders import HOSTILE, plan
from tests.tui.views.plain import CONTROL, words
from tui.fix_cards import confirm_card, how_card, outcome_card, what_card, where_card
from tui.surroundings import Surroundings


def test_what_names_the_resource_and_the_risk() -> None:
    assert words(what_card(plan())).endswith("codebuild-billing all of it is new ✓ low risk. Adds one permission.")
    assert "is new" not in words(what_card(plan(before="{}")))
    assert "✗ high risk." in words(what_card(plan(risk=Risk.HIGH)))


def test_where_names_account_region_profile_and_who_else_is_touched() -> None:
    text = words(where_card(plan(place=Place("prod", "eu-west-1"), affects=("pipeline mailer", "project web"))))
    assert "account 111122223333 region eu-west-1 profile prod pipeline billing resource arn:aws:iam::" in text
    assert text.endswith("Also touches · pipeline mailer · project web")
    alone = words(where_card(plan(account="")))
    assert "account not known yet" in alone
    assert "profile default chain" in alone
    assert "Also touches" not in alone


def test_how_shows_call_command_permissions_checks_and_the_way_back() -> None:
    text = words(how_card(plan()))
    assert "Call iam PutRolePolicy RoleName codebuild-billing PolicyName fixes" in text
    assert "aws iam put-role-policy --role-name codebuild-billing --policy-name fixes" in text
    assert "you need iam:PutRolePolicy first The policy is as it was read proof IAM allows it" in text
    assert "takes some seconds to spread" in text
    assert "to check it" not in text
    around = Surroundings(reads=("iam:GetRolePolicy",), able="You seem to have them.", lacks=False)
    text = words(how_card(plan(), around))
    assert "you need iam:PutRolePolicy to check it iam:GetRolePolicy ✓ You seem to have them." in text
    assert "✓ Whether" not in words(how_card(plan(), Surroundings(able="Whether you have them is not known.")))
    assert "undo Delete the inline policy aws iam delete-role-policy --role-name codebuild-billing" in text


def test_what_cannot_be_undone_says_so() -> None:
    assert words(how_card(plan(undo=None))).endswith("undo cannot be undone")


def test_the_last_look_names_account_region_pipeline_and_risk() -> None:
    text = words(confirm_card(plan()))
    assert "account 111122223333 · eu-west-1 · pipeline billing" in text
    assert "low risk" in text


def test_steps_show_once_each_as_they_happen_with_the_wait() -> None:
    steps = [
        ApplyStep("precondition", "Reading again"),
        ApplyStep("apply", "Calling", request_id="r-1"),
        ApplyStep("verify", "Waiting for IAM", waited_s=2, deadline_s=60),
        ApplyStep("verify", "Waiting for IAM", waited_s=4, deadline_s=60),
    ]
    text = words(outcome_card(steps, plan()))
    assert text.startswith("✓ Reading again ✓ Calling ◐ Waiting for IAM 4 of 60 s A change of permissions takes")
    calm = plan(call=Call("s3", "PutBucketVersioning", {"Bucket": "b"}))
    assert words(outcome_card(steps, calm)).endswith("◐ Waiting for IAM 4 of 60 s")
    assert words(outcome_card([], plan())) == "◐ starting …"


def test_the_outcome_says_what_state_things_are_in_and_how_to_go_back() -> None:
    def ended(outcome: ApplyOutcome) -> str:
        return words(outcome_card([ApplyStep("done", "So it is.", outcome)], plan()))

    assert ended(ApplyOutcome.VERIFIED).startswith("✓ Applied and verified. So it is. Where a retry is refused")
    assert ended(ApplyOutcome.CONFLICT).startswith("! Conflict: the state had moved on. Nothing was written.")
    assert ended(ApplyOutcome.NOT_VERIFIED).endswith("minute and retry. To go back: Delete the inline policy")
    assert ended(ApplyOutcome.FAILED).startswith("✗ Failed.")


def test_hostile_text_in_a_plan_is_shown_as_text() -> None:
    bad = plan(
        title=HOSTILE, pipeline=HOSTILE, resource=HOSTILE, risk_note=HOSTILE, affects=(HOSTILE,),
        call=Call("iam", "PutRolePolicy", {HOSTILE: HOSTILE}), undo=Undo(HOSTILE, Call("iam", "X", {"a": HOSTILE})),
    )  # fmt: skip
    steps = [ApplyStep("apply", HOSTILE), ApplyStep("done", HOSTILE, ApplyOutcome.NOT_VERIFIED)]
    for card in (what_card(bad), where_card(bad), how_card(bad), confirm_card(bad), outcome_card(steps, bad)):
        text = words(card)
        assert "[red]x[/red]" in text
        assert not CONTROL.search(text)
