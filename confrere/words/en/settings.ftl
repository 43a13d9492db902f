# The settings: what is wrong, in which file, and what is expected.

error-config-missing = There are no settings in { $folder }. Name the folder with --config or CONFRERE_CONFIG.
error-setting-unreadable = { $file } cannot be read: { $reason }.
error-setting-unknown = { $file }: there is no setting { $key }. Known here: { $known }.
error-setting-invalid = { $file }: the value of { $key } does not fit. Expected: { $expected }.
