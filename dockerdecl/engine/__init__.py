"""One Docker engine: how to reach it, what it holds, and one function for every call that is made to it.

The only room that knows the docker SDK. Raw Engine API JSON goes in and comes out of `calls`; what goes wrong leaves
as a `DockerdeclError`.

- `connection`: `connect()`, the way in
- `client`: `Engine`, what every call takes first
- `reading`: requests on a socket's own connections, which `client` sends by; `inventory`: all that a plan looks at
- `calls`: one API call a function, by kind
- `events`: what happens to containers, as it happens
- `credentials`: who we are at a registry
- `errors`: the engine's answers as errors
"""
