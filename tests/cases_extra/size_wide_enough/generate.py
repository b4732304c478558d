import sys

with open(sys.argv[1], "w", newline="") as f:
    f.write(",".join(f"c{i}" for i in range(5000)) + "\n")
    f.write(",".join(["1"] * 5000) + "\n")
