# Les actions sur l'accord du patient, et ce qu'on montre de son dossier dans un échange.

error-consent-unreadable = Un accord de ce dossier ne se lit pas ici : il est plus ancien que votre accès, ou il a été abîmé. Rien n'est enregistré, versé ni montré tant qu'on ne sait pas ce qu'il dit. « confrere consent show » dit lequel ; voyez avec qui tient le dossier.
error-consent-unknown = Aucun accord ne commence ainsi. « confrere consent show » les liste.
error-consent-ambiguous = Plusieurs accords répondent : donnez le début de la référence de celui que vous voulez. « confrere consent show » les liste.
error-consent-record-missing = Aucun dossier de ce patient n'est ouvert ici : rien n'a été enregistré. Ouvrez-le d'abord avec « confrere record open ».
error-consent-patient-unknown = Cet échange ne dit pas de quel patient il s'agit. Précisez le dossier avec --record.
error-consent-sign-patient-only = Seul le patient signe, depuis son propre appareil. Un professionnel enregistre ce que le patient lui a dit avec « confrere consent record » ou « confrere consent withdraw ».
error-share-nothing = Rien de ce dossier ne répond à ce choix, ou tout ce qui y répond est masqué : rien n'est montré.
error-share-too-many = Au plus { $limit } lignes se montrent à la fois : choisissez-en moins.
error-share-unknown = Rien de montré dans cet échange ne commence ainsi. « confrere show » liste ce qui l'est.
error-share-needs-a-case = Des lignes d'un dossier se montrent dans une demande d'avis en cours : celle-ci n'en est pas une, ou elle est terminée.
error-share-to-a-member = Ce confrère ne participe pas à l'échange : ajoutez-le d'abord, puis montrez-lui ces lignes.

verb-consent-help = l'accord du patient : l'enregistrer, le signer, le retirer, le lire
verb-consent-record-help = enregistrer que le patient, informé, ne s'oppose pas
verb-consent-sign-help = signer soi-même, en tant que patient
verb-consent-withdraw-help = retirer un accord, ou noter une opposition
verb-consent-show-help = lire les accords d'un dossier

consent-flag-record-help = le dossier : le début de sa référence ou le nom du patient
consent-flag-episode-help = pour tout un épisode de soins, sous ce nom
consent-flag-until-help = dernier jour de l'épisode de soins
consent-flag-limit-help = ce que le patient exclut : types de documents, séparés par des virgules
consent-flag-oppose-help = le patient s'oppose
consent-flag-propose-help = proposer au patient, qui signera lui-même
consent-flag-series-help = l'accord (ou l'échange dont il parle) : le début de sa référence
consent-flag-thread-help = l'échange dont l'accord parle : le début de sa référence
consent-flag-fhir-help = donner l'accord sous la forme FHIR Consent (R4)

consent-until-missing = --episode et --until vont ensemble
consent-oppose-alone = --oppose ne va ni avec --limit ni avec --propose
consent-sign-what = donnez un accord à signer, ou --episode avec --until

consent-recorded = { $basis }. { $state } pour { $scope }.
consent-recorded-already = Rien à enregistrer : { $state } pour { $scope } depuis le { $time }. { $basis }.
consent-recorded-after = Avant cela, un accord sur cet échange avait été retiré le { $time }.
consent-signed = Signé par vous. { $state } pour { $scope }.
consent-signed-already = Vous l'aviez déjà signé le { $time }. { $state } pour { $scope }.
consent-said = Ce qui a été dit au patient :
consent-to-say = Ce que vous acceptez :
consent-told-sharing = Votre médecin peut aussi montrer à ce confrère, le temps de sa demande, des lignes de votre dossier, sauf celles que vous avez masquées.
consent-limits = Exclu par le patient : { $kinds }.
consent-how-to-withdraw = Pour revenir dessus, en une action : « confrere consent withdraw { $series } », par le patient lui-même ou par un professionnel à qui il le dit.
consent-to-tell = Ce qui est proposé au patient :
consent-how-to-lift = Si le patient change d'avis : « confrere consent record » avec cet échange ; s'il s'est opposé lui-même, « confrere consent sign { $series } ».
consent-waits = Le patient signe avec « confrere consent sign { $series } » ; d'ici là, rien n'est versé.

consent-withdrawn-done = Retiré : rien de nouveau ne sera versé ni montré pour { $scope }.
consent-opposed-done = Opposition enregistrée : rien ne sera versé ni montré pour { $scope }.
consent-withdrawn-already = Rien à retirer pour { $scope } : { $state } depuis le { $time }.
consent-withdrawn-mandates = N'ouvre plus rien de ce qui entrera dans le dossier : { $names }.
consent-withdrawn-shown = Ne voit plus ce qui lui était montré du dossier : { $names }.
consent-withdrawn-still = A encore accès au dossier : { $names }. Le patient, ou qui tient le dossier pour lui, peut y mettre fin avec « confrere delegate revoke ».
consent-withdrawn-kept = Ce qui a été lu ou versé auparavant le reste.
consent-withdrawn-refused = Entre-temps, cet accord avait changé : il est maintenant « { $state } ». Relisez-le.

consent-none = Aucun accord dans ce dossier.
consent-line = { $series }  { $state } · { $scope }
consent-line-by = { $basis }, par { $name }, le { $time }
consent-line-signed = { $basis }, le { $time }
consent-line-purposes = Pour { $purposes }
consent-line-exchange = Échange { $thread }
consent-line-until = Jusqu'au { $time }
consent-line-void = Sans effet : version du { $time } par { $name }. { $reason }
consent-line-unreadable = { $series }  Ne se lit pas ici : version du { $time } par { $name }. Rien ne se décide sur elle.
consent-basis-noted = Noté par le professionnel, sur la parole du patient
consent-by-patient = le patient
consent-by-unproven = quelqu'un dont l'identité n'est pas prouvée

refer-flag-share-help = montrer au confrère des lignes du dossier du patient, le temps de la demande : types (synthèse, traitements, résultats…) ou débuts de références, séparés par des virgules
refer-flag-share-days-help = au plus pendant ce nombre de jours
add-flag-share-help = montrer au confrère de cette demande des lignes du dossier du patient, comme avec refer
add-whom = donnez un confrère (--to) ou ce qu'il faut montrer (--share)
event-record-share = Lignes du dossier montrées
event-record-share-text = Des lignes du dossier du patient sont montrées, le temps de la demande.
share-done = Montré à { $names } jusqu'à la fin de la demande, et au plus tard le { $time } : { $count } { $count ->
    [1] ligne
   *[other] lignes
} du dossier. Le patient le voit dans son journal.
share-left-out = Laissé de côté, masqué par le patient ou d'un autre accès : { $count }.
share-not-yet = Rien du dossier n'est encore montré : la demande n'est pas partie. Quand elle le sera : « confrere add { $thread } --share … ».
share-refused = La demande est partie, mais rien du dossier n'est montré : { $reason }
show-flag-item-help = ouvrir une ligne du dossier montrée dans l'échange : le début de sa référence
show-shared = Montré du dossier du patient :
show-shared-line = { $item }  { $kind } · { $title }
show-shared-until = par { $name }, jusqu'à la fin de la demande et au plus tard le { $time }
show-shared-over = par { $name }, terminé
show-shared-others = par { $name }, à un autre membre de l'échange
show-item-logged = Le patient voit dans son journal que vous l'avez ouvert, pour répondre à cette question.
