import sys

rows = 60_000
with open(sys.argv[1], "w", newline="") as f:
    f.write("n,d,b,q\n")
    for i in range(rows):
        f.write(f"{i},2024-01-01,true,\n")
    f.write("x,soon,maybe,1\n")
