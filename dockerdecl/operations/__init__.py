"""What people do beside reconciling: look into containers, work with images, and see what they use.

- Which are meant: `found` (containers, by address, key, name or id), `inspecting` (things of all kinds), `moments`.
- What there is: `listing`, `inspection`, `processes`, `ports`, `disk`.
- What it uses: `usage` from `sampling`, told by `stats`; `measuring` over a time, judged by `limits`.
- What it says: `logs` of `log_lines`, `following` as they grow; `happenings`; `awaiting`.
- Into containers: `sessions` (exec, attach) with `detach_keys`, `debugging`; `copying` by `packing` and `unpacking`.
- By hand: `states` (start, stop, pause, kill).
- Images: `archives` by `output_files` and `tar_streams`; `registry_logins`, `registry_search`, `registry_transfers`,
  `registry_keeping`.
- What will have trouble: `doctor`.

Nothing here plans, and nothing prints.
"""
