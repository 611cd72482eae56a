#!/usr/bin/env bash
# real_servers.sh FOLDER: installs the reference servers into environments of their own below FOLDER. Then:
#   NYANKO_MCP_SERVERS=FOLDER python -m pytest -m acceptance tests/mcp
# Needs Python with pip and, for the last two, Node.js with npm.
set -euo pipefail
folder=${1:?name a folder}
mkdir -p "$folder/node"
python3 -m venv "$folder/py"
"$folder/py/bin/pip" install --quiet mcp-server-time==2026.10.19 mcp-server-fetch==2026.10.24
if command -v npm >/dev/null; then
    npm install --prefix "$folder/node" --no-audit --no-fund --silent \
        @modelcontextprotocol/server-filesystem@2026.8.31 @modelcontextprotocol/server-everything@2026.8.31
else
    echo "no npm: filesystem and everything are left out" >&2
fi
