-- This number belongs to another table family; the file holds its place until that arrives.
SELECT 2;
