#!/bin/sh
# Asks the back end by the name that the link gives it, and reads what the back end wrote from the shared volume.
answer=$(wget -q -O - http://database/cgi-bin/index.cgi) || answer="the back end does not answer"
printf 'Content-Type: text/plain\r\n\r\n'
printf '%s\nback end: %s\nshared volume: %s\n' "$TITLE" "$answer" "$(cat /counts/visits)"
