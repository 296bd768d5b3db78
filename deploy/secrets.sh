#!/bin/sh
# Prints new secrets for compose.yaml: sh deploy/secrets.sh > .env && chmod 600 .env. Keep them: what IVORY_MASTER_KEY sealed opens with no other.
set -eu
key() { openssl rand -base64 32; }
word() { openssl rand -hex "$1"; }
cat <<ENV
POSTGRES_PASSWORD=$(word 24)
REDIS_PASSWORD=$(word 24)
IVORY_MASTER_KEY=$(key)
IVORY_CONFIG_KEY=$(key)
JWT_SECRET=$(word 32)
OPERATOR_PASSWORD=$(word 12)
ENV
