"""An archive behind TLS is spoken to when its certificate bears the right name and is signed by whom the site trusts."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.archive.double import Answer, running_double
from tests.deploy.asking import FILES, below
from tests.deploy.site import place

pytestmark = [pytest.mark.slow, pytest.mark.real]

NAME = "pacs.example"


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return public, private


@pytest.fixture
def behind_tls(tmp_path):
    """A double that speaks TLS, and what the proxy has to be told of it."""
    public, private = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    with running_double(context) as double:
        double.answers = lambda asked: Answer(b"file", headers={"Content-Type": "application/dicom"})
        yield (
            double,
            {
                "ARCHIVE": place(double.origin),
                "ARCHIVE_SCHEME": "https",
                "ARCHIVE_NAME": NAME,
                "ARCHIVE_CERTIFICATES": str(public),
            },
        )


def test_the_right_archive_is_asked(ask, site, proxied, behind_tls):
    double, values = behind_tls
    reply = ask(below(site.images[0]), FILES, at=proxied(**values))
    assert (reply.straight, reply.content) == (True, b"file")
    assert len(double.asked) == 1


@pytest.mark.parametrize(
    "wrong", [{"ARCHIVE_NAME": "other.example"}, {"ARCHIVE_CERTIFICATES": "/etc/ssl/certs/ca-certificates.crt"}]
)
def test_another_one_is_not_shown_the_credentials(ask, site, proxied, behind_tls, wrong):
    double, values = behind_tls
    reply = ask(below(site.images[0]), FILES, at=proxied(**(values | wrong)))
    assert (reply.status, reply.json()["code"], double.asked) == (502, "archive_failed", [])
