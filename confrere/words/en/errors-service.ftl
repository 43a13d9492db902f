# The service and its data: what keeps it from starting or writing.

error-data-newer = { $data } comes from a newer version. Update Confrère.
error-service-key-unsafe = { $file } is readable by others, or damaged. Restrict it to its owner, or use a backup.
error-service-busy = The service is very busy. What waits will leave then; try again in a moment.
error-write-failed = The service could not write to its disk; nothing was confirmed. Check space and permissions.
