#!/usr/bin/env python3
"""Checks decision logs of countersign with nothing but the standard library:  python3 verify.py LOG_FOLDER...

For each folder one line: the exit code that `countersign verify` ends with, the level, how many entries hold.
    L0 the chain holds    L1 and it reaches to where head.json knows it to reach
Checkpoints are compared with the tree over the entries (RFC 6962). Whether they are SIGNED it cannot say: Ed25519 is not in
the standard library. `countersign verify --key PUB` can, and so can any tool for C2SP signed notes.
"""
import base64, hashlib, json, re, sys
from pathlib import Path

LINE = re.compile(rb'\{"v":(?:0|[1-9]\d*),"seq":(0|[1-9]\d*),"ts":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"'
                  rb',"type":"([a-z_]+)","id":"[ -~]{36}"(?:,"[ -~]*)?,"prev":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"\}')
NAME = re.compile(r'decisions-(\d{4}-\d\d-\d\d)-(\d\d|[1-9]\d{2,})\.jsonl')
NOTE = re.compile(rb'^(\S+)\n(\d+)\n(\S{44})\n(?:[^\n]+\n)*\n\xe2\x80\x94 ', re.M)

def sha(data): return hashlib.sha256(data).digest()

def root(leaves):
    if len(leaves) == 1: return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b'\1' + root(leaves[:half]) + root(leaves[half:]))

def parsed(line):
    try: return json.loads(line)
    except ValueError: return {}

def chain_of(header):
    uuid = header.get("chain") if header.get("schema") == "countersign.ledger/1" else None
    return uuid.lower() if uuid and re.fullmatch("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", uuid) else None

def read_head(path):
    if not path.exists(): return None
    try: head = json.loads(path.read_bytes()); return head["seq"], head["hash"], head["file"], head["length"]
    except (ValueError, KeyError, TypeError): return "unreadable"

def check(log):
    files = sorted((m[1], int(m[2]), path) for path in log.iterdir() if (m := NAME.fullmatch(path.name)))
    while files and not files[-1][2].stat().st_size: files.pop()          # made just before a crash
    head = read_head(log / "head.json")
    leaves, times, signed, chain, newest, day = [], [""], set(), None, None, ""
    matches_head = torn = clock = False
    broken = lambda: f"2 none {len(leaves)}"
    for date, number, path in files:
        *lines, rest = path.read_bytes().split(b"\n")
        end = 0
        for line in lines:
            end += len(line) + 1
            m = LINE.fullmatch(line)                                        # 75 bytes: ,"hash":"..."}
            if not m or sha(b"\0" + line[:-75]).hex() != m[5].decode(): return broken()
            former = leaves[-1].hex() if leaves else "0" * 64
            if int(m[1]) != len(leaves) + 1 or m[4].decode() != former: return broken()
            time, kind = m[2].decode(), m[3]
            day = max(day, time[:10])
            if end == len(line) + 1:                                        # the first line of its file
                follows = (day, 0) if newest is None or day > newest[0] else (newest[0], newest[1] + 1)
                named = chain_of(parsed(line))
                chain = chain or named
                if kind != b"header" or (date, number) != follows or not named or named != chain: return broken()
                newest = (date, number)
            elif day > date: return broken()
            if head not in (None, "unreadable") and head[0] == int(m[1]):
                if head[1:] != (m[5].decode(), path.name, end): return broken()
                matches_head = True
            clock |= time < times[-1] and kind != b"clock_step"
            times.append(time), leaves.append(bytes.fromhex(m[5].decode()))
            if kind == b"checkpoint": signed.add((parsed(line).get("size"), parsed(line).get("root")))
        if rest and path == files[-1][2]: torn = True
        elif rest or not end: return broken()
    notes = log / "checkpoints.txt"
    notes = [(o.decode(), int(n), base64.b64decode(r)) for o, n, r in NOTE.findall(notes.read_bytes())] if notes.exists() else []
    lies = any(o != f"countersign/log/{chain}" or n > len(leaves) or r != root(leaves[:n]) for o, n, r in notes)
    lies |= not signed <= {(n, r.hex()) for _, n, r in notes}
    code = 4 if lies else 3 if head and not matches_head else 6 if torn else 7 if clock else 0
    return f"{code} {'L1' if matches_head else 'L0'} {len(leaves)}"

for folder in sys.argv[1:]: print(check(Path(folder)))
