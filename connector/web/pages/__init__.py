"""The pages, one file each: their routes and what they show."""
