#!/bin/sh
# Ends the set-up: commands to try.
cat <<'TEXT'

Ready. Try:
  make demo                                      four organisations, a hundred licences, a console to look at
  .venv/bin/xl doctor                            what this machine has and lacks
  .venv/bin/xl network new xl-network --orgs 4   a network of your own in ./xl-network
  .venv/bin/xl network up --detach               start it; then: xl network status, xl console, xl network down
  .venv/bin/xl contract new hello                a first contract; then: contract test, build, deploy
  make test                                      all tests
TEXT
