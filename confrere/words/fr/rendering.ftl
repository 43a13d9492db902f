# Les pages à imprimer : un échange exporté, la fiche de secours

export-between = Échange entre
export-on-behalf = pour { $mailbox }
export-by = Exporté par { $person } le { $time }.
export-proof = Cette page se lit sans Confrère. Les éléments signés, rangés à côté d'elle, prouvent qui a écrit quoi et quand.
export-reference = Référence { $reference }

recovery-title = Fiche de secours
recovery-what = Ce code rouvre votre boîte et votre historique si vous perdez tous vos appareils. Personne d'autre ne peut vous le redonner.
recovery-code = Votre code
recovery-keep = Rangez cette fiche comme un document d'identité, loin de votre ordinateur. N'en faites ni photo ni copie numérique.
recovery-use = Pour l'utiliser : sur un nouvel appareil, choisissez « Récupérer ma boîte », puis scannez le carré ou saisissez le code.
recovery-alone = Ne la donnez à personne, pas même à l'assistance : on ne vous la demandera jamais.
recovery-lost = Si elle est perdue ou vue par quelqu'un, faites-en une nouvelle depuis votre appareil : celle-ci ne servira plus.
