"""A service takes the actor first, asks permission before all else, and leaves an entry in the log, in its own transaction."""

import ast

import pytest

from tests.architecture.deeds import CALLERS_TRANSACTION, Transactions, asks_first
from tests.architecture.tree import imports, modules, name_of, public_functions, tree

DEEDS = {
    "store_instance.store_instance",
    "validate_instance.validate_instance",
    "encode.encode_result",
    "finish_validation.finish_validation",
    "recheck_sources.recheck_sources",
    "store_source.store_source",
    "store_version.store_version",
    "review.accept",
    "review.reject",
    "take_into_review.start_review",
    "take_into_review.release_review",
    "take_into_review.record_opening",
    "register_model.register_model",
    "register_model.register_model_version",
    "change_status.set_status",
    "posters.grant_poster",
    "posters.revoke_poster",
    "decide.decide_for_study",
    "decide.decide_for_instances",
    "record_display.record_display",
    "authorize_archive.authorize_archive",
    "launch.make_launch",
    "launch.redeem_launch",
    "record_refusals.record_refusals",
    "record_retrieval.record_retrieval",
    "export_lineage.export_lineage",
    "read_audit.read_audit",
    "read_audit.record_reading",
}
PARTS = {
    "audit.record",
    "background.enqueue",
    "background.run",
    "background.take_up_again",
    "highdicom_reading.read_with_highdicom",
    "highdicom_reading.reads_later",
    "correction.corrected_version",
    "correction.against_parent",
    "examine.examine",
    "decision_keys.ensure_decision_key",
    "decision_keys.rotate_decision_key",
    "decision_keys.replace_decision_keys",
    "decision_keys.forget_decision_keys",
    "keep_bytes.keep_bytes",
    "launch.forget_launches",
    "line.source_series",
    "line.content_set",
    "line.targets",
    "line.line_key",
    "line.line_of",
    "line.next_number",
    "locking.hold_model_name",
    "locking.lock_overlays",
    "locking.locked_version",
    "locking.share_model_name",
    "look_up_sources.look_up_sources",
    "look_up_sources.looks_in_archive",
    "outcomes.refuse_on_errors",
    "outcomes.outcome",
    "outcomes.rules_broken",
    "place.place_study",
    "place.place_series",
    "place.known_study",
    "place.require_place",
    "place.require_same_patient",
    "record_identity.record_identity",
    "registry_findings.finding",
    "release_waiting.release_waiting",
    "soon_durable.insert_soon_durable",
    "soon_durable.soon_durable",
    "spool.held_file",
    "said.said_by",
    "spool.incoming_folder",
    "spool.sweep",
    "standing.against_sources",
    "standing.first_state",
    "standing.maker_of",
    "supersede.overtaken_by",
    "supersede.restore_superseded",
    "supersede.settle_accepted",
    "supersede.supersede_if_overtaken",
    "supersede.supersede_older",
    "take_uid.take_uid",
    "tell_change.tell_change",
    "verify_sources.contradicts_study",
    "verify_sources.note_verification",
    "verify_sources.stands",
    "verify_sources.verification",
    "verify_sources.verify_again",
    "verify_sources.verify_patient",
}
RECORDED_ELSEWHERE = {
    "recheck_sources.recheck_sources",  # by note_verification, as whatever changes a verification
    "store_instance.store_instance",  # records a refusal itself; what is stored is recorded by store_source, store_version
    "decide.decide_for_study",  # the render decision is itself the append-only record
    "decide.decide_for_instances",
}


def deed_name(path, function) -> str:
    return f"{path.stem}.{function.name}"


FUNCTIONS = [(path, function) for path in modules("overlays/services") for function in public_functions(path)]
DEED_FUNCTIONS = [(path, function) for path, function in FUNCTIONS if deed_name(path, function) in DEEDS]
IDS = [deed_name(path, function) for path, function in DEED_FUNCTIONS]


def test_every_public_function_of_services_is_named_as_a_deed_or_a_part():
    assert {deed_name(path, function) for path, function in FUNCTIONS} == DEEDS | PARTS


@pytest.mark.parametrize(("path", "function"), DEED_FUNCTIONS, ids=IDS)
def test_a_deed_takes_keywords_only_the_actor_first(path, function):
    arguments = function.args
    assert not arguments.args
    assert not arguments.posonlyargs
    assert arguments.kwonlyargs[0].arg == "actor"


@pytest.mark.parametrize(("path", "function"), DEED_FUNCTIONS, ids=IDS)
def test_a_deed_is_told_the_time(path, function):
    assert "at" in {argument.arg for argument in function.args.kwonlyargs}


def _reaches(path, function, wanted: str) -> bool:
    """Whether the function, or one of its module that it calls, calls something named so."""
    local = {node.name: node for node in tree(path).body if isinstance(node, ast.FunctionDef)}
    seen, waiting = set(), [function]
    while waiting:
        for node in ast.walk(waiting.pop()):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called == wanted:
                return True
            if called in local and called not in seen:
                seen.add(called)
                waiting.append(local[called])
    return False


@pytest.mark.parametrize(("path", "function"), DEED_FUNCTIONS, ids=IDS)
def test_a_deed_asks_permission_before_all_else(path, function):
    local = {node.name: node for node in tree(path).body if isinstance(node, ast.FunctionDef)}
    assert asks_first(function, local)


@pytest.mark.parametrize(
    "body",
    [
        "Study.objects.create()\n    actor.require(Action.REVIEW)",
        "study = find(uid)\n    actor.require(Action.REVIEW)",
        "if actor.may(Action.REVIEW):\n        write()",
        "actor.may(Action.REVIEW)\n    write()",
        "other.require(Action.REVIEW)",
        "with transaction.atomic():\n        actor.require(Action.REVIEW)",
        "return write(actor.require(Action.REVIEW))",
        "pass",
    ],
)
def test_whoever_asks_late_or_to_no_effect_is_found(body):
    (function,) = ast.parse(f"def deed(*, actor):\n    {body}\n").body
    assert not asks_first(function, {})


@pytest.mark.parametrize(("path", "function"), DEED_FUNCTIONS, ids=IDS)
def test_a_deed_leaves_an_entry_in_the_log(path, function):
    assert deed_name(path, function) in RECORDED_ELSEWHERE or _reaches(path, function, "record")


def test_every_entry_is_written_inside_a_transaction():
    assert not Transactions("overlays/services").callers_outside("overlays.services.audit", "record")


@pytest.mark.slow
def test_every_part_that_needs_a_transaction_is_called_inside_one():
    services = Transactions("overlays/services", "overlays/api", "overlays/dicomweb", "overlays/admin", "registry")
    needing = [
        (name_of(path), function.name)
        for path, function in FUNCTIONS
        if CALLERS_TRANSACTION in " ".join((ast.get_docstring(function) or "").split())
    ]
    assert needing
    assert not {name: open_ for name in needing if (open_ := services.callers_outside(*name))}


@pytest.mark.parametrize("path", modules("overlays/models", "overlays/governance", "overlays/services"), ids=name_of)
def test_time_and_randomness_are_passed_in(path):
    if path.stem == "background":
        return  # an edge of the system: nobody calls, so nobody could pass the time in
    calls = {ast.unparse(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)}
    forbidden = {"timezone.now", "datetime.now", "datetime.utcnow", "date.today", "time.time", "uuid4", "uuid.uuid4"}
    assert not calls & forbidden


@pytest.mark.parametrize("path", modules("overlays"), ids=name_of)
def test_no_deed_hides_in_a_signal(path):
    signals = {name for name in imports(path) if name.startswith("django.db.models.signals.")}
    assert signals <= {"django.db.models.signals.post_migrate"}
