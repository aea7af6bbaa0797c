from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.http.certificate import end_of


def made(folder: Path, *words: str) -> Path:
    """Return a certificate as OpenSSL makes it."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "ours.key")
    command = ["openssl", "req", "-x509", *key, "-subj", "/CN=Ours", "-out", "ours.pem", *words]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "ours.pem"


def end_by_openssl(file: Path) -> datetime:
    words = ["openssl", "x509", "-in", str(file), "-noout", "-enddate"]
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()
    return datetime.strptime(told, "notAfter=%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)


@pytest.mark.parametrize("days", ["1", "10000", "20000"])  # from 2050 on it is written in another form
def test_the_end_is_what_openssl_says(tmp_path: Path, days: str) -> None:
    file = made(tmp_path, "-days", days)
    assert end_of(file) == end_by_openssl(file)


def test_the_first_certificate_of_a_chain_counts_whatever_stands_before_it(tmp_path: Path) -> None:
    file = made(tmp_path, "-days", "5")
    end, first = end_by_openssl(file), file.read_text()
    second = made(tmp_path, "-days", "9").read_text()
    file.write_text(f"subject=Ours\n{(tmp_path / 'ours.key').read_text()}{first}{second}")
    assert end_of(file) == end


def test_a_file_without_one_has_no_end(tmp_path: Path) -> None:
    made(tmp_path)
    with pytest.raises(ValueError, match=r"ours\.key holds no certificate"):
        end_of(tmp_path / "ours.key")
