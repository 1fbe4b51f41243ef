#!/usr/bin/env python3
"""Checks decision logs of countersign with nothing but the standard library:  python3 verify.py LOG_FOLDER...

For each folder one line: the exit code that `countersign verify` ends with, the level, how many entries hold.
    L0 the chain holds    L1 and it reaches to where head.json knows it to reach
Checkpoints are compared with the tree over the entries (RFC 6962). Whether they are SIGNED it cannot say: Ed25519 is not in
the standard library. `countersign verify --key PUB` can, and so can any tool for C2SP signed notes.
"""
import base64, hashlib, json, re, sys
from datetime import datetime
from functools import reduce
from pathlib import Path

LINE = re.compile(rb'\{"v":(?:0|[1-9]\d*),"seq":(0|[1-9]\d{0,19}),"ts":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"'
                  rb',"type":"([a-z_]+)","id":"[ -~]{36}"(?:,"[ -~]*)?,"prev":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"\}')
NAME = re.compile(r'decisions-([0-9]{4}-[0-9]{2}-[0-9]{2})-([0-9]{2}|[1-9][0-9]{2,9})\.jsonl')
HEAD = re.compile(rb'\{"v":(?:0|[1-9]\d{0,8}),"seq":(0|[1-9]\d{0,19}),"ts":"([^"]+)","file":"([^"]+)"'
                  rb',"length":(0|[1-9]\d{0,19}),"hash":"([0-9a-f]{64})"\}\n?')
NOTE = re.compile(rb'^(\S+)\n(\d{1,20})\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*\n\xe2\x80\x94 ', re.M)

def sha(data): return hashlib.sha256(data).digest()

def roots(leaves, sizes):                       # tree hashes of RFC 6962 over the first so many entries, in one pass
    peaks, found = [], {}                       # roots of the perfect subtrees, the largest first
    for size, node in enumerate(leaves, 1):
        for _ in range((size & -size).bit_length() - 1): node = sha(b'\1' + peaks.pop() + node)
        peaks.append(node)
        if size in sizes: found[size] = reduce(lambda right, left: sha(b'\1' + left + right), reversed(peaks))
    return found

def parsed(line):
    try: return json.loads(line)
    except ValueError: return {}

def chain_of(header):
    uuid = header.get("chain") if header.get("schema") == "countersign.ledger/1" else None
    return uuid.lower() if isinstance(uuid, str) and re.fullmatch("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", uuid) else None

def read_head(path):                            # only as the program writes it
    if not path.exists(): return None
    m = HEAD.fullmatch(path.read_bytes())
    try:
        datetime.strptime(m[2].decode(), "%Y-%m-%dT%H:%M:%S.%fZ")
        seq, file, length = int(m[1]), NAME.fullmatch(m[3].decode())[0], int(m[4])
        return (seq, m[5].decode(), file, length) if len(m[2]) == 24 and max(seq, length) < 1 << 64 else "unreadable"
    except (ValueError, TypeError): return "unreadable"

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
            entry = parsed(line) if kind == b"checkpoint" else {}
            size, hashed = entry.get("size"), entry.get("root")
            if type(size) is int and 0 <= size < 1 << 63 and isinstance(hashed, str): signed.add((size, hashed))
        if rest and path == files[-1][2]: torn = True
        elif rest or not end: return broken()
    notes = log / "checkpoints.txt"
    notes = NOTE.findall(notes.read_bytes()) if notes.exists() else []
    notes = [(origin.decode(errors="replace"), int(size), base64.b64decode(root)) for origin, size, root in notes]
    tree = roots(leaves, {size for _, size, _ in notes})
    lies = any(o != f"countersign/log/{chain}" or tree.get(n) != r for o, n, r in notes)
    lies |= not signed <= {(n, r.hex()) for _, n, r in notes}
    code = 4 if lies else 3 if head and not matches_head else 6 if torn else 7 if clock else 0
    return f"{code} {'L1' if matches_head else 'L0'} {len(leaves)}"

for folder in sys.argv[1:]:
    try: print(check(Path(folder)))
    except OSError as why: print(f"1 none 0 {why}")
