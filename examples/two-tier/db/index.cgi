#!/bin/sh
# Counts a visit in the data container's volume, and tells the count; `?check` only looks whether it could.
file=/var/lib/counts/visits
count=$(cat $file 2>/dev/null || echo 0)
if [ "$QUERY_STRING" != check ]; then
  count=$((count + 1))
  echo $count >$file
fi
printf 'Content-Type: text/plain\r\n\r\n%s\n' "visit $count"
