# Le service et ses données : ce qui l'empêche de démarrer ou d'écrire.

error-data-newer = { $data } vient d'une version plus récente. Mettez Confrère à jour.
error-service-key-unsafe = { $file } est lisible par d'autres, ou abîmé. Limitez ses droits à son propriétaire, ou reprenez une sauvegarde.
error-service-busy = Le service est très sollicité. Ce qui attend partira ensuite ; réessayez dans un instant.
error-write-failed = Le service n'a pas pu écrire sur son disque ; rien n'a été confirmé. Vérifiez l'espace et les droits.
