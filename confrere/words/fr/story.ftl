# L'histoire que joue `make demo`.
story-imported = Annuaire importé : { $rows } lignes, { $people } professionnels (fictifs).
story-service = Le service répond à { $url }.
story-enrolled = Boîte ouverte : { $address }.
story-found = Le médecin traitant trouve { $name } ({ $reach }).
story-waiting = Une demande à un confrère pas encore inscrit attend, fermée, sur le poste de son auteur : « en attente d'inscription », téléphone du cabinet { $phone }.
story-referred = Demande d'avis envoyée : identité, question, un PDF de { $size } Mo et un compte rendu de biologie.
story-mandates = La secrétaire a la logistique, l'infirmière le suivi médical ; ni l'une ni l'autre ce qui reste entre médecins.
story-answered = Acceptée, un complément demandé et reçu, réponse lue par le médecin traitant.
story-appointment = Rendez-vous proposé par { $author } pour { $mailbox }, sans avoir vu le dossier médical.
story-doctor-only = La remarque entre médecins n'est lue que par eux.
story-colleagues = Deux confrères ajoutés : l'un ne lit qu'à partir de maintenant, l'autre tout depuis le début.
story-late = Le confrère s'est inscrit : ce qui l'attendait est parti tout seul.
story-urgent = Au plus haut degré d'urgence : le téléphone, le 15, et que Confrère ne remplace pas un appel.
story-notices = { $count } courriels d'avis, par exemple « { $subject } » : la boîte et l'action, rien d'autre.
story-no-memory = Ce système ne laisse pas lire la mémoire du service : elle n'a pas été fouillée.
story-searched = Cherché sujet, texte, patient, nom de fichier et pièce jointe dans { $places } endroits ({ $size } Mo : base, journal d'écriture, fichiers, journaux, courriels, mémoire) : { $found ->
    [0] rien trouvé
   *[other] TROUVÉ { $found } FOIS
  }.
story-control = Contrôle : la même recherche trouve { $found } des { $markers } repères dans les papiers et sur les écrans des soignants.
story-control-memory = Contrôle : elle trouve bien, dans la mémoire du service, une adresse qu'il connaît.
story-control-memory-blind = Contrôle manqué : une adresse que le service connaît n'est pas trouvée dans sa mémoire.
story-leak = Fuite : repère { $marker } dans { $place }
story-total = Durée : { $seconds } s.
story-address = Adresse : { $url } ; dossier : { $folder }
story-stay = Le service reste ouvert ; Entrée pour terminer.
story-failed = L'histoire s'est arrêtée : { $scene }

story-machines = Une passerelle ({ $address }), un laboratoire et un assureur : des machines, inscrites par leur numéro d'établissement.
story-record = Dossier { $record } ouvert par le médecin pour une patiente sans appareil, avec sa feuille ; « patient informé, ne s'oppose pas » en une action.
story-filing-waits = La réponse est demandée au dossier après aperçu ; l'identité n'est pas qualifiée : elle attend, et dit quoi faire.
story-filed = Identité vérifiée : ce qui attendait est parti tout seul ({ $documents ->
    [one] un document
   *[other] { $documents } documents
}, signature d'origine jointe) ; le reçu est dans l'échange.
story-laboratory = Le laboratoire dépose trois comptes rendus et ne lit rien ; { $analyses } analyses suivies dans le temps.
story-insurer = L'assureur dépose des remboursements, et rien d'autre.
story-shared = Le pneumologue lit, dans l'échange, la synthèse qui lui est montrée ; l'accès finit avec la demande.
story-page = Une page par patient pour le médecin : échanges, réponses, résultats, dossier.
story-claimed = La patiente reprend son dossier avec sa feuille ; le passé suit tout seul ; son journal a { $lines } lignes.
story-masked = Elle ajoute une note puis la masque : le médecin ne la voit plus.
story-withdrawn = Elle retire son accord : la demande suivante échoue (« { $said } »), le document suivant est fermé au médecin.
