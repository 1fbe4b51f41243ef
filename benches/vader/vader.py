"""VADER in Python on the messages that `beside-vader` reads, printed the same way.

pip install vaderSentiment==3.3.2
python3 benches/vader/vader.py FILE [ROUNDS]
"""
import json
import sys
import time

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

SIDES = {"neutral": 1, "gratitude": 2, "joy": 2, "surprise": None}


def cut(compound):
    return 0 if compound <= -0.05 else 1 if compound < 0.05 else 2


def main(file, rounds=9):
    with open(file, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    rows = [(r["text"], SIDES.get(r["primary"], 0)) for r in rows if r["lang"] == "en"]
    rows = [row for row in rows if row[1] is not None]
    if not rows:
        sys.exit(f"{file} holds no English message")
    vader = SentimentIntensityAnalyzer()
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        for text, _side in rows:
            vader.polarity_scores(text)
        best = min(best, time.perf_counter() - start)
    said = [cut(vader.polarity_scores(text)["compound"]) for text, _ in rows]
    sides = [side for _, side in rows]
    f1 = []
    for label in range(3):
        hit = sum(a == b == label for a, b in zip(sides, said))
        f1.append(2 * hit / max(1, sides.count(label) + said.count(label)))
    right = sum(a == b for a, b in zip(sides, said))
    print(
        f"{'vaderSentiment (Python)':<24} {best / len(rows) * 1e6:>9.1f} us  accuracy {right / len(rows):.3f}  "
        f"macro-F1 {sum(f1) / 3:.3f}  F1 negative {f1[0]:.2f} neutral {f1[1]:.2f} positive {f1[2]:.2f}"
    )


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 9)
