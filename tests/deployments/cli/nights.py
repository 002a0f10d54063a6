"""Runs `tilflyt` for the tests of nights."""

from typer.testing import CliRunner

from deployments.cli.main import app


def tilflyt(*words: str, exit_code: int = 0) -> str:
    """Run a command; returns its output."""
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == exit_code, done.output
    return done.stdout
