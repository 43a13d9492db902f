# Les commandes du dossier du patient : leurs options, ce qu'elles répondent, la feuille remise au patient.

verb-record-help = dossier du patient
verb-record-open-help = ouvre un dossier, le sien ou celui d'un patient sans appareil
verb-record-claim-help = reprend son dossier avec la feuille remise par le médecin
verb-record-show-help = montre un dossier, ce qui compte d'abord
verb-record-log-help = montre qui a lu quoi, qui a déposé quoi, et sur quel accord
verb-record-mask-help = masque un élément aux professionnels, ou le montre de nouveau
verb-record-add-help = ajoute une note au dossier
verb-patient-help = tout ce qui concerne un patient, sur une page

record-flag-record-help = le dossier : début de sa référence ou du nom du patient (inutile s'il n'y en a qu'un)
record-flag-item-help = l'élément, par le début de sa référence (quatre caractères au moins)
record-flag-purpose-help = pourquoi vous l'ouvrez, le patient le verra : care (pour le soigner) ou emergency (en urgence)
record-open-flag-patient-help = le patient : fichier FHIR Patient, datamatrix INS (fichier ou texte), « - » pour l'entrée standard
record-open-flag-sheet-help = écrit la feuille à remettre au patient dans ce fichier HTML
record-open-patient-missing = indiquez le patient (--patient FILE)
record-open-own-alone = vous ouvrez votre propre dossier : n'indiquez pas de patient
record-claim-flag-sheet-help = code de la feuille ; « - » pour l'entrée standard
record-claim-flag-sheet-file-help = fichier qui contient le code de la feuille
record-show-flag-kind-help = un seul type : synthèse, allergie, traitement, compte rendu, lettre, biologie, imagerie, ordonnance, note…
record-show-flag-page-help = la page voulue, à partir de 1
record-show-flag-all-help = tout le dossier, y compris ce qui est ancien
record-show-flag-over-time-help = les résultats au fil du temps ; CODE : une analyse, par son code LOINC ou une partie de son nom
record-show-flag-card-help = écrit la carte du dossier, à donner à qui doit y déposer, dans ce fichier (« - » pour l'afficher)
record-show-flag-to-help = écrit le dossier, à lire et à imprimer, dans ce dossier de fichiers
record-show-flag-save-help = avec --item : enregistre le document et ses preuves ici
record-log-flag-to-help = écrit le journal, à lire et à imprimer, ici
record-mask-flag-class-help = la partie où le mettre : masqué (par défaut), commun, annonce, représentants, urgence
record-add-flag-kind-help = note (par défaut), synthèse, traitement ou allergie
record-add-flag-class-help = partie du dossier (commun par défaut)
record-add-kind-wrong = une note est une note, une synthèse, un traitement ou une allergie (--kind)
record-add-class-wrong = une note ne va pas dans cette partie du dossier (--class)
patient-flag-who-help = le patient : son nom, sa référence de dossier, ou son fichier FHIR Patient
patient-flag-to-help = écrit la page, à lire et à imprimer, ici

record-open-own = Votre dossier est ouvert, { $name }. Vous seul décidez qui le lit.
record-open-custodial = Dossier ouvert pour { $name }. Vous le tenez pour le patient, jusqu'à ce qu'il le reprenne avec sa feuille.
record-open-identified = Identité de { $name } complétée dans son dossier.
record-open-qualified = Identité de { $name } désormais qualifiée dans son dossier. Ce qui attendait cette identité part tout seul.
record-reference = Référence du dossier : { $record }
record-sheet-written = Feuille écrite dans { $file }. Imprimez-la, remettez-la au patient, puis supprimez le fichier : ce code n'est gardé nulle part.

record-claim-done = Ce dossier est à vous, { $name }. Vous seul décidez qui le lit.
record-claim-next = Ce que le dossier contenait déjà arrive tout seul, dès que l'appareil de { $keeper } se connecte. Vous n'avez rien à faire.
record-claim-sheet-spent = La feuille ne sert plus à rien : vous pouvez la détruire.
record-someone = votre médecin
record-nobody-named = une personne dont le nom n'est pas connu

record-kept-custodial = tenu par { $keeper } pour le patient
record-kept-own = tenu par le patient
record-kept-yours = tenu par vous
record-patient-unread = patient pas encore lu : ouvrez ce dossier
record-none-held = Aucun dossier n'est ouvert ici. « confrere record open » en ouvre un.
record-show-next = Pour lire un dossier : confrere record show RÉFÉRENCE
record-line-head = dossier { $record } · { $keeper }
record-empty = Rien dans ce dossier pour le moment.
record-count = { $count ->
    [one] Un élément
   *[other] { $count } éléments
} · page { $page }
record-next-page = La suite : --page { $page }
record-older = Le service garde des éléments plus anciens : --all les montre aussi.
record-read-by = lu par { $names }
record-read-by-nobody = lu par personne d'autre
record-replaced = Remplacé par { $item }
record-author-patient = le patient
record-author-unproven = une personne dont rien ne prouve l'identité
record-deposited-by = { $author } selon le document, déposé par { $name }
record-filed-by = { $author }, signature vérifiée par { $name }
record-no-results = Aucun résultat chiffré dans ce dossier.
record-older-values = { $count ->
    [one] et une valeur plus ancienne
   *[other] et { $count } valeurs plus anciennes
}
record-over-time = Résultats au fil du temps
record-over-time-legend = En clair, l'intervalle donné par le laboratoire ; en rouge, ce qu'il a signalé. Rien n'est converti d'une unité à l'autre.

record-flag-none = hors de l'intervalle
record-flag-normal = normal
record-flag-low = bas
record-flag-high = élevé
record-flag-critical-low = très bas
record-flag-critical-high = très élevé
record-flag-abnormal = anormal

record-from-note = Écrit dans ce dossier par { $who }.
record-from-deposit = Déposé dans ce dossier par { $who }.
record-from-exchange = Vient d'un échange entre professionnels, rangé ici avec l'accord du patient pour { $scope }. { $basis }.
record-from-exchange-unread = Vient d'un échange entre professionnels, rangé ici avec l'accord du patient.
record-file-document = document d'origine
record-file-readable = document à lire (PDF)
record-file-evidence = éléments signés qui prouvent qui l'a écrit
record-file-other = pièce jointe

record-mask-done = « { $title } » est masqué : les professionnels ne le voient plus dans le dossier.
record-unmask-done = « { $title } » se voit de nouveau : partie « { $where } ».
record-move-done = « { $title } » est maintenant dans la partie « { $where } ».
record-mask-already = « { $title } » est déjà dans la partie « { $where } » : rien n'a changé.
record-mask-once-read = Déjà lu par { $names } : ce qui a été lu reste connu de qui l'a lu.
record-mask-unread = Personne d'autre ne l'avait lu. Ce qui aurait été lu resterait connu.
record-add-done = Note ajoutée au dossier.

record-log-title = Journal du dossier
record-log-empty = Rien à montrer pour le moment.
record-log-patient = Le patient
record-log-patient-you = Le patient (vous)
record-log-what-classes = { $count ->
    [one] la partie { $classes }
   *[other] les parties { $classes }
}
record-log-in-person = en personne
record-log-what-whole = tout le dossier
record-log-what-item = « { $title } »
record-log-what-consent = cet échange ou cet épisode de soins
record-log-made = Journal lu le { $time }.
record-page-written = Page écrite dans { $file }. Elle contient des données de santé : gardez-la en lieu sûr.
record-card-written = Carte écrite dans { $file }. Donnez-la à qui doit déposer dans ce dossier ; elle ne permet pas de le lire.
record-page-made = Page faite par { $person } le { $time }.
record-page-alone = Cette page se lit sans Confrère. Elle montre ce que cette personne peut lire du dossier, rien de plus.
record-page-left-out = Cette page s'arrête là : le dossier a d'autres éléments, plus anciens.

patient-exchanges = Échanges
patient-no-exchange = Aucun échange à propos de ce patient.
patient-record = Dossier
patient-no-record = Aucun dossier de ce patient ne peut être ouvert ici.
patient-none = Aucun patient pour le moment : ni dossier, ni demande d'avis.
patient-count-exchanges = { $count ->
    [0] aucun échange
    [one] un échange
   *[other] { $count } échanges
}
patient-has-record = dossier { $record }
patient-next = Pour la page d'un patient : confrere patient NOM
patient-filing = { $state } : { $count ->
    [one] un document
   *[other] { $count } documents
}

delegate-flag-record-help = au lieu d'une boîte : le dossier d'un patient, par sa référence ou le nom du patient
delegate-flag-classes-help = parties, séparées par des virgules. D'une boîte : logistics (logistique, toujours comprise), clinical (médical), doctor-only (entre médecins). D'un dossier : commun, annonce, représentants, urgence, masqué, remboursements (par défaut, ce que voient les professionnels)
delegate-record-granted = { $name } peut ouvrir ce dossier : { $classes }. Le patient le voit dans son journal.
delegate-record-revoked = { $name } n'ouvre plus ce dossier. Ce qui a été lu reste lu.
delegate-record-none = Ce dossier n'est ouvert à personne d'autre.

claim-sheet-title = Votre dossier de santé
claim-sheet-for = Cette feuille est à
claim-sheet-born = Né ou née le { $date }
claim-sheet-opened = Dossier ouvert par { $person } le { $date }.
claim-sheet-code = Votre code
claim-sheet-what = Votre médecin tient un dossier pour vous. Avec cette feuille, vous pourrez le tenir vous-même.
claim-sheet-keep = Gardez cette feuille chez vous, avec vos papiers importants. N'en faites pas de photo.
claim-sheet-use = Pour l'utiliser : demandez à votre médecin ou à votre hôpital de vous inscrire. Puis scannez le carré, ou tapez le code.
claim-sheet-alone = Cette feuille n'ouvre rien toute seule. Si quelqu'un d'autre la trouve, il ne peut pas lire votre dossier.
claim-sheet-consent = Vous pouvez dire non à tout moment : dites-le à votre médecin. Rien de nouveau n'entrera alors dans ce dossier.
claim-sheet-lost = Feuille perdue ? Dites-le à votre médecin. Vous n'êtes jamais obligé de l'utiliser.

error-patient-unknown = Ce patient n'est connu ici ni par un dossier, ni par une demande d'avis. « confrere patient » liste les autres.
error-patient-ambiguous = { $matches } patients répondent à ce nom : tapez-en davantage, ou donnez son fichier FHIR Patient.
error-record-log-closed = Le journal de ce dossier ne vous est pas ouvert : il est pour le patient et pour qui tient le dossier avec lui.
error-record-not-kept-here = Seul le patient, ou qui tient le dossier pour lui, peut faire cela.
error-record-note-too-long = Une note compte au plus { $limit } caractères. Raccourcissez-la, ou écrivez-en deux.
