"""How fast captures are read, told as ratios to other programs that read the same ones."""
