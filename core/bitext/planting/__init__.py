"""What is planted among a bitext's own pairs to see what its scores find: damage of eight kinds, and good pairs."""
