#!/bin/sh
# Prints the path of Chromium; without one says how to install it and exits 1 (browser tests are then skipped).
for name in chromium chromium-browser google-chrome; do
    command -v "$name" && exit 0
done
echo "no Chromium: browser tests will be skipped. Install it: apt-get install -y chromium fonts-noto-cjk" >&2
exit 1
