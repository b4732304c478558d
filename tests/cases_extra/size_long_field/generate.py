import sys

with open(sys.argv[1], "w", newline="") as f:
    f.write("id,body\n")
    f.write('1,"' + "x,\n" * 4_000_000 + '"\n2,short\n')
