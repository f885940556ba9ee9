"""A coding agent for tests: it speaks the protocol over its streams and does what `plan.json` beside it says.

The standard library alone. Steps of the plan are the names in `STEPS` with their arguments: `write` is by
itself, `ask_write` and `ask_read` are through the client, `permit` asks for permission, and there are ill
deeds. What the client answers goes into what it says.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

PLAN = json.loads(Path(sys.argv[1]).read_text())
SESSION = "s-1"
numbers = iter(range(1000, 1 << 30))


def send(message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def receive():
    line = sys.stdin.readline()
    if not line:
        time.sleep(PLAN.get("stays", 0))
        sys.exit(0)
    return json.loads(line)


def ask(method, **params):
    number = next(numbers)
    send({"id": number, "method": method, "params": {"sessionId": SESSION, **params}})
    while True:
        message = receive()
        if message.get("id") == number:
            return message


def update(**fields):
    send({"method": "session/update", "params": {"sessionId": SESSION, "update": fields}})


def say(text):
    update(sessionUpdate="agent_message_chunk", content={"type": "text", "text": text})


def tell(answer):
    say(json.dumps(answer.get("result", answer.get("error"))) + "\n")


def permit(kind, path=None):
    options = [{"optionId": k, "name": k, "kind": k} for k in ("allow_always", "allow_once", "reject_once")]
    call = {"toolCallId": "t", "kind": kind} | ({"locations": [{"path": path}]} if path else {})
    tell(ask("session/request_permission", toolCall=call, options=options))


def write(path, text):
    try:
        Path(path).write_text(text)
    except OSError as error:
        say(f"cannot write {path}: {type(error).__name__}\n")


def attempt(deed, *words):
    try:
        deed(*words)
    except OSError as error:
        say(f"{type(error).__name__}\n")


def look(path):
    say(f"{path} {'is there' if Path(path).exists() else 'is not there'}\n")


def orphan(path, seconds):
    """A process that leaves our session and goes on writing."""
    loop = f"for i in range({int(seconds * 20)}):\n open({path!r}, 'a').write('.'); time.sleep(.05)"
    code = f"import time\n{loop}"
    subprocess.Popen([sys.executable, "-c", code], start_new_session=True, stdin=subprocess.DEVNULL,
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip


def flood(size):
    block = json.dumps({"jsonrpc": "2.0", "method": "x/y", "params": {"a": "b" * 1000}}) + "\n"
    for _ in range(size // len(block)):
        sys.stdout.write(block)


STEPS = {
    "say": say,
    "tool": lambda: update(sessionUpdate="tool_call", toolCallId="t", title="looks"),
    "cost": lambda usd: update(
        sessionUpdate="usage_update", used=1, size=2, cost={"amount": usd, "currency": "USD"}
    ),
    "write": write,
    "binary": lambda path: Path(path).write_bytes(bytes(range(256))),
    "remove": os.remove,
    "look": look,
    "link": lambda to, path: attempt(os.symlink, to, path),
    "hardlink": lambda to, path: attempt(os.link, to, path),
    "ask_write": lambda path, text: tell(ask("fs/write_text_file", path=path, content=text)),
    "ask_read": lambda path, **more: tell(ask("fs/read_text_file", path=path, **more)),
    "ask": lambda method: tell(ask(method)),
    "permit": permit,
    "environ": lambda: say(json.dumps(dict(os.environ))),
    "sleep": time.sleep,
    "orphan": orphan,
    "flood": flood,
    "raw": lambda text: (sys.stdout.write(text), sys.stdout.flush()),
    "complain": lambda text: (sys.stderr.write(text), sys.stderr.flush()),
    "exit": sys.exit,
    "crash": lambda: os.kill(os.getpid(), 9),
    "deaf": lambda: [
        send({"id": next(numbers), "method": "fs/read_text_file", "params": {"path": "big"}})
        for _ in iter(int, 1)
    ],
}


def run(steps):
    for name, *words in steps:
        STEPS[name](*words)


def made(path):
    try:
        path.mkdir()
    except FileExistsError:
        return False
    return True


def turn(message):
    asked = "\n".join(block.get("text", "(image)") for block in message["params"]["prompt"])
    if "in_turn" in PLAN:  # over several processes, which share a folder
        turn = next(i for i in range(1000) if made(Path(PLAN["shared"], str(i))))
        said = PLAN["in_turn"][turn]
        if "error" not in said:
            say(said["say"])
        return said.get("error") or {"stopReason": "end_turn"}
    for rule in PLAN.get("turns", []):
        if rule["when"] in asked:
            run(rule["do"])
            return rule.get("end", {"stopReason": "end_turn"})
    if PLAN.get("echo"):
        say(asked)
    run(PLAN.get("do", []))
    return PLAN.get("end", {"stopReason": "end_turn"})


def main():
    run(PLAN.get("before", []))
    while True:
        message = receive()
        method = message.get("method")
        if method == "initialize":
            result = PLAN.get(
                "hello", {"protocolVersion": 1, "agentInfo": {"name": "test-agent", "version": "7"}}
            )
        elif method == "session/new":
            os.chdir(message["params"]["cwd"])
            result = PLAN.get("session", {"sessionId": SESSION})
        elif method == "session/prompt":
            result = turn(message)
        else:
            continue
        kind = "error" if "code" in result else "result"
        send({"id": message["id"], kind: result})


if __name__ == "__main__":
    main()
