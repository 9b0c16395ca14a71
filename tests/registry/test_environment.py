"""Settings fail at start, by name."""

import json
import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from overlays.dicom.findings import Severity
from overlays.dicom.rules.table import BY_ID
from registry.environment import VARIABLES, read

README = Path(__file__).resolve().parents[2] / "README.md"


def test_without_anything_set_everything_has_a_value():
    assert set(read({})) == {variable.name for variable in VARIABLES}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://somewhere"),
        ("SITE_URL", "overlays.example"),
        ("SITE_URL", "https://overlays.example/path"),
        ("SOURCE_STORE", "attic"),
        ("SOURCE_DICOMWEB_URL", "pacs.example/dicom-web"),
        ("SOURCE_DICOMWEB_URL", "https://me:secret@pacs.example/dicom-web"),
        ("SOURCE_DICOMWEB_URL", "https://pacs.example/dicom-web?token=x"),
        ("SOURCE_DICOMWEB_AUTH", '{"kind": "kerberos"}'),
        ("SOURCE_DICOMWEB_AUTH", '{"kind": "basic", "username": "registry"}'),
        ("SOURCE_DICOMWEB_AUTH", '{"kind": "bearer", "token": "a\\r\\nX-Other: b"}'),
        ("SOURCE_SECONDS", "0"),
        ("SOURCE_RETRIES", "-1"),
        ("SOURCE_FORWARD_TOKEN", "perhaps"),
        ("SOURCE_PASSES", "SEG,IMAGE"),
        ("PROXY_SECRET", "too-short"),
        ("PROXY_SECRET", 'quoted"; and much longer than is needed'),
        ("PROXY_SECRET", "/nowhere/secret"),
        ("MAX_INSTANCE_BYTES", "0"),
        ("MAX_INSTANCE_BYTES", "many"),
        ("TOKEN_SECONDS", "-1"),
        ("RULES", "SEG-999=off"),
        ("RULES", "SEG-018=loud"),
        ("RULES", "SEG-018"),
        ("RULES", "SEG-018=off,SEG-018=error"),
        ("RULES", "FIL-001=off"),
        ("OIDC_ISSUERS", "[{]"),
        ("OIDC_ISSUERS", "{}"),
        ("OIDC_ISSUERS", '["https://login.example"]'),
        ("OIDC_ISSUERS", "/nowhere/issuers.json"),
        ("HEALTHIMAGING_ROLES", '{"store": {}}'),
        ("STAFF_LOGIN", "[]"),
        ("LOCAL_LOGIN", "perhaps"),
        ("VIEWER_URL", "viewer.example"),
        ("VIEWER_URL", "https://viewer.example/ohif"),
        ("VIEWER_PORT", "0"),
        ("VIEWERS", "[]"),
        ("VIEWERS", '{"ohif": {"client_id": "ohif"}}'),
        ("VIEWERS", '{"ohif": {"clinical": "https://viewer.example/{study}"}}'),
        ("VIEWERS", '{"ohif": {"client_id": "ohif", "clinical": "https://viewer.example/"}}'),
        ("VIEWERS", '{"ohif": {"client_id": "ohif", "clinical": "http://viewer.example/{study}"}}'),
        ("VIEWERS", '{"ohif": {"client_id": "ohif", "clinical": "javascript:{study}"}}'),
        ("VIEWERS", '{"ohif": {"client_id": "ohif", "research": "https://viewer.example/{study}"}}'),
        ("VIEWERS", '{"ohif": {"client_id": 7, "clinical": "https://viewer.example/{study}"}}'),
        ("LAUNCH_SECONDS", "0"),
        ("LOG_LEVEL", "LOUD"),
        ("TIME_ZONE", "Atlantis/Capital"),
        ("PORT", "70000"),
        ("WEB_CONCURRENCY", "two"),
        ("WEB_THREADS", "0"),
        ("TRUSTED_PROXIES", "-1"),
    ],
)
def test_a_value_that_is_wrong_is_named(name, value):
    with pytest.raises(ImproperlyConfigured, match=f"{name}:"):
        read({name: value})


def test_json_is_given_itself_or_in_a_file(tmp_path):
    file = tmp_path / "issuers.json"
    file.write_text('[{"issuer": "https://login.example"}]')
    assert read({"OIDC_ISSUERS": str(file)}) == read({"OIDC_ISSUERS": file.read_text()})


def test_what_a_broken_json_holds_is_not_repeated():
    with pytest.raises(ImproperlyConfigured) as fault:
        read({"OIDC_ISSUERS": '[{"secret": "hush"'})
    assert "hush" not in str(fault.value)


def test_a_viewer_that_can_be_launched_is_read():
    viewers = {"ohif": {"client_id": "ohif", "clinical": "https://viewer.example/?StudyInstanceUIDs={study}"}}
    assert read({"VIEWERS": json.dumps(viewers)})["VIEWERS"] == viewers


def test_an_archive_without_an_address_is_refused():
    with pytest.raises(ImproperlyConfigured, match="SOURCE_DICOMWEB_URL: "):
        read({"SOURCE_STORE": "archive"})


@pytest.mark.parametrize(
    ("name", "other", "value"), [("VIEWER_URL", "SITE_URL", "https://one.example"), ("VIEWER_PORT", "PORT", "8000")]
)
def test_the_viewer_shares_neither_origin_nor_port_with_the_registry(name, other, value):
    with pytest.raises(ImproperlyConfigured, match=f"{name}: it must be another than {other}"):
        read({name: value, other: value})


def test_a_viewer_that_is_not_there_is_not_served(tmp_path):
    given = {"VIEWER_URL": "https://viewer.example", "VIEWER_PORT": "8001", "VIEWER_DIR": str(tmp_path)}
    without = read(given)
    (tmp_path / "index.html").touch()
    served = read(given)
    assert (without["VIEWER_URL"], without["VIEWER_PORT"]) == ("", None)
    assert (served["VIEWER_URL"], served["VIEWER_PORT"]) == ("https://viewer.example", 8001)


def test_credentials_that_are_wrong_are_not_repeated():
    with pytest.raises(ImproperlyConfigured) as fault:
        read({"SOURCE_DICOMWEB_AUTH": '{"kind": "bearer", "secret": "hush"}'})
    assert "hush" not in str(fault.value)


def test_the_secret_of_the_proxy_is_given_itself_or_in_a_file(tmp_path):
    file = tmp_path / "secret"
    file.write_text("s" * 32 + "\n")
    assert read({"PROXY_SECRET": str(file)}) == read({"PROXY_SECRET": "s" * 32})


def test_a_secret_that_is_wrong_is_not_repeated():
    with pytest.raises(ImproperlyConfigured) as fault:
        read({"PROXY_SECRET": "hush"})
    assert "hush" not in str(fault.value)


def test_rules_are_changed_by_name():
    policy = read({"RULES": "SEG-018=error, MOD-002=off"})["RULES"]
    assert (policy.severity(BY_ID["SEG-018"]), policy.severity(BY_ID["MOD-002"])) == (Severity.ERROR, None)


def test_a_rule_that_keeps_reading_safe_is_named_with_the_reason():
    with pytest.raises(ImproperlyConfigured, match="RULES: IMG-004 may not be made milder: a frame would be read"):
        read({"RULES": "IMG-004=warning"})


def test_every_wrong_value_is_named_not_the_first():
    with pytest.raises(ImproperlyConfigured, match=r"SITE_URL: .* SOURCE_STORE: "):
        read({"SITE_URL": "x", "SOURCE_STORE": "attic"})


def test_the_readme_lists_every_variable_and_no_other():
    table = re.findall(r"^\| `([A-Z_]+)` \|", README.read_text("utf-8"), re.MULTILINE)
    assert sorted(table) == sorted(variable.name for variable in VARIABLES)
