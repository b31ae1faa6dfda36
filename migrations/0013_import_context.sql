-- What was chosen beside an uploaded file, for sheets that do not say it themselves: whose they are, of which month, in which unit.

ALTER TABLE import_job ADD COLUMN context TEXT; -- as a query string; NULL where nothing was chosen
