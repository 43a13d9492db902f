# Les réglages : ce qui ne va pas, dans quel fichier, et ce qui est attendu.

error-config-missing = Aucun réglage dans { $folder }. Indiquez le dossier avec --config ou CONFRERE_CONFIG.
error-setting-unreadable = { $file } ne peut pas être lu : { $reason }.
error-setting-unknown = { $file } : le réglage { $key } n'existe pas. Réglages connus ici : { $known }.
error-setting-invalid = { $file } : la valeur de { $key } ne convient pas. Attendu : { $expected }.
