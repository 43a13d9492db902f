# L'accord du patient : ce qu'on lui dit, où il en est, pourquoi quelque chose n'est pas versé.
# La loi et le produit se disent séparément : alimenter le dossier est un devoir, choisir échange par échange est notre ajout.

error-consent-malformed = Cet accord ne se lit pas ({ $clause }). Rien n'a été versé ; mettez à jour votre logiciel ou enregistrez un nouvel accord.
error-consent-illegal-transition = L'accord a changé entre-temps : cette action n'a plus d'effet. Relisez-le, puis recommencez s'il le faut.
error-consent-patient-only = Le patient a signé lui-même : lui seul peut élargir son accord, le prolonger ou lever son opposition.
error-consent-final = { $state ->
    [withdrawn] Cet accord a été retiré : il ne peut plus changer. Si le patient est de nouveau d'accord, enregistrez-en un nouveau.
   *[expired] Cet accord est arrivé à son terme : il ne peut plus changer. Enregistrez-en un nouveau après en avoir informé le patient.
}
error-consent-series-broken = Cette nouvelle version parle d'un autre patient, d'un autre dossier ou d'un autre échange que l'accord qu'elle remplace : elle est sans effet.
error-consent-signer-wrong = Cet accord dit avoir été enregistré par quelqu'un d'autre que son signataire : il est sans effet.
error-consent-missing = Aucun accord du patient n'est enregistré pour cet échange : rien n'a été versé. Informez le patient, puis enregistrez son accord avec « confrere consent record ».
error-consent-proposed-only = L'accord a été proposé au patient, qui n'a pas encore répondu : rien n'a été versé.
error-consent-withdrawn = Le patient a retiré son accord : rien de nouveau n'est versé ni montré.
error-consent-expired = L'accord du patient est arrivé à son terme : rien n'a été versé. Informez le patient, puis enregistrez un nouvel accord.
error-consent-opposed = Le patient s'est opposé au versement : rien n'a été versé.
error-consent-not-begun = L'épisode de soins de cet accord n'a pas encore commencé : rien n'a été versé.
error-consent-limited = Le patient a exclu ceci de son accord ({ $limit ->
    [kind] ce type de document
    [professional] ce professionnel
   *[class] cette partie du dossier
}) : rien n'a été versé.
error-consent-other-purpose = L'accord du patient ne va pas jusque-là : { $purpose ->
    [filing] il ne permet pas de verser au dossier.
   *[sharing] il ne permet pas de montrer des éléments du dossier.
}
error-consent-other-record = Cet accord concerne un autre dossier : rien n'a été versé.
error-consent-other-patient = Cet accord n'est pas celui de ce patient : l'identité diffère. Rien n'a été versé ; vérifiez l'identité.
error-consent-other-exchange = L'accord du patient concerne un autre échange : rien n'a été versé. Enregistrez un accord pour celui-ci.

consent-state-proposed = Proposé, sans réponse du patient
consent-state-active = En vigueur
consent-state-limited = En vigueur, avec des limites
consent-state-withdrawn = Retiré
consent-state-expired = Arrivé à son terme
consent-state-opposed = Opposition du patient

consent-act-propose = Accord proposé
consent-act-agree = Accord donné
consent-act-limit = Accord limité
consent-act-withdraw = Accord retiré
consent-act-expire = Accord arrivé à son terme
consent-act-oppose = Opposition enregistrée
consent-act-renew = Accord prolongé

consent-basis-attested = Patient informé, ne s'oppose pas : attesté par le professionnel
consent-basis-signed = Signé par le patient lui-même

consent-purpose-filing = verser l'échange au dossier
consent-purpose-sharing = montrer des éléments du dossier dans l'échange

consent-scope-exchange = cet échange
consent-scope-episode = l'épisode de soins « { $label } »

consent-law = La loi demande aux professionnels d'alimenter le dossier partagé, après avoir informé le patient. Le patient peut s'y opposer pour un motif légitime (Code de la santé publique, L. 1111-15, R. 1111-46 et R. 1111-47 ; arrêté du 26 avril 2022).
consent-product = Confrère va plus loin que la loi : le patient choisit pour chaque échange ou chaque épisode de soins, et peut changer d'avis à tout moment pour la suite.

consent-told-exchange-1 = Le courrier et la réponse de cet échange entre vos médecins seront rangés dans votre dossier. Vous pouvez le refuser, exclure une partie ou changer d'avis plus tard : rien de nouveau n'y entrera alors.
consent-told-episode-1 = Les échanges entre vos médecins pendant cet épisode de soins seront rangés dans votre dossier, jusqu'à la date indiquée. Vous pouvez le refuser, exclure une partie ou changer d'avis plus tard : rien de nouveau n'y entrera alors.
consent-told-opposition-1 = Vous avez refusé que cet échange soit rangé dans votre dossier. Il n'y entrera pas. Vous pouvez changer d'avis quand vous voulez.
error-consent-professional-only = Seul un professionnel de santé atteste l'accord d'un patient. Demandez au médecin de l'enregistrer lui-même.
