"""A mail server gets our password and mails only if its certificate is trusted and has its name."""

import datetime as dt
import ipaddress
import ssl

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notifications.sending import delivery
from notifications.tests.factories import a_message
from notifications.tests.smtp_sink import Sink, running
from school.tests.factories import NOW

pytestmark = pytest.mark.django_db
HERE = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
ELSEWHERE = x509.DNSName("mail.example.org")
FOR_EVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
IMPLICIT, STARTTLS = "EMAIL_USE_SSL", "EMAIL_USE_TLS"


def certificate(folder, name):
    """Create a self-signed certificate. Return the file with it and its key."""
    key, issuer = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    draft = x509.CertificateBuilder(issuer, issuer, key.public_key(), x509.random_serial_number())
    draft = draft.not_valid_before(NOW).not_valid_after(FOR_EVER)  # OpenSSL compares with the machine's clock
    draft = draft.add_extension(x509.SubjectAlternativeName([name]), critical=False)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "mail.pem"
    file.write_bytes(private + draft.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def deliver(walker, settings, tmp_path, now):
    """Return a function that sends a mail to a server with a certificate for `name`.

    It returns the mail, the server's sink and the passwords that the server got.
    """

    def send(mode, name):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(tmp_path, name))
        sink = Sink()
        passwords = []

        def sign_in(server, session, envelope, mechanism, data):
            passwords.append((data.login, data.password))
            return AuthResult(success=True)

        key = "ssl_context" if mode == IMPLICIT else "tls_context"
        options = {key: context, "authenticator": sign_in, "auth_require_tls": mode == STARTTLS}
        message = a_message(walker)
        with running(sink, **options) as settings.EMAIL_PORT:
            settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "smtp://x", "127.0.0.1", 2
            settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "lw", "secret"
            setattr(settings, mode, True)
            delivery.sweep(now)
        message.refresh_from_db()
        return message, sink, passwords

    return send


@pytest.mark.parametrize("mode", [IMPLICIT, STARTTLS])
def test_a_server_with_an_untrusted_certificate_gets_no_password_and_no_mail(deliver, mode):
    message, sink, passwords = deliver(mode, HERE)
    assert (message.state, message.error_code, message.data_started_at) == ("queued", "SSLCertVerificationE", None)
    assert (passwords, sink.commands) == ([], [])


@pytest.mark.parametrize("mode", [IMPLICIT, STARTTLS])
def test_a_server_with_a_certificate_for_another_name_gets_no_password_and_no_mail(
    deliver, monkeypatch, tmp_path, mode
):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "mail.pem"))
    message, sink, passwords = deliver(mode, ELSEWHERE)
    assert (message.state, message.data_started_at, passwords, sink.commands) == ("queued", None, [], [])


@pytest.mark.parametrize("mode", [IMPLICIT, STARTTLS])
def test_a_server_with_a_trusted_certificate_gets_password_and_mail(deliver, walker, monkeypatch, tmp_path, mode):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "mail.pem"))
    message, sink, passwords = deliver(mode, HERE)
    assert (message.state, sink.recipients, passwords) == ("sent", [walker.email], [(b"lw", b"secret")])
