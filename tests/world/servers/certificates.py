"""Certificates for servers on loopback, from an authority of the test's own, for any name and any period."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOUR = timedelta(hours=1)


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Authority:
    """A certificate authority. A client that trusts it has `trusted` as SSL_CERT_FILE."""

    def __init__(self, folder: Path) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _called("an authority of a test's own")
        made = self._builder(self._name, self._key, HOUR)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.folder, self.trusted = folder, folder / "authority.pem"
        self.trusted.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def _builder(self, name: x509.Name, key: ec.EllipticCurvePrivateKey, lasts: timedelta) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(self._name, name, key.public_key(), x509.random_serial_number())
        return builder.not_valid_before(now - 2 * HOUR).not_valid_after(now + lasts)

    def vouch_for(self, host: str = "localhost", *, lasts: timedelta = HOUR) -> tuple[Path, Path]:
        """The files with a host's certificate, which is valid from two hours ago, and with its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = self._builder(_called(host), key, lasts)
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        chain, secret = self.folder / "fullchain.pem", self.folder / "key.pem"
        chain.write_bytes(made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        secret.write_bytes(key.private_bytes(*pem))
        return chain, secret

    def server(self, host: str = "localhost", *, lasts: timedelta = HOUR) -> ssl.SSLContext:
        """The TLS context of a server with such a certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.vouch_for(host, lasts=lasts))
        return context
