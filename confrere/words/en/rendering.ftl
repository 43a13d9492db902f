# Pages to print: an exported thread, the recovery sheet

export-between = Exchange between
export-on-behalf = for { $mailbox }
export-by = Exported by { $person } on { $time }.
export-proof = This page is readable without Confrère. The signed items kept beside it prove who wrote what and when.
export-reference = Reference { $reference }

recovery-title = Recovery sheet
recovery-what = This code opens your mailbox and your history again if you lose all your devices. Nobody else can give it back to you.
recovery-code = Your code
recovery-keep = Keep this sheet as you keep an identity document, away from your computer. Take no photo and make no digital copy.
recovery-use = To use it: on a new device choose "Recover my mailbox", then scan the square or type the code.
recovery-alone = Give it to nobody, not even to support: you will never be asked for it.
recovery-lost = If it is lost or someone has seen it, make a new one from your device: this one will stop working.
