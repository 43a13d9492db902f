# The service

serve-flag-data-help = folder of the service's data
serve-flag-port-help = TCP port; 0 takes a free one
serve-flag-host-help = interface to listen on
serve-running = The service answers at { $url }. Ctrl-C stops it.

landing-title = An exchange is waiting for you
landing-in-mail = Open your mail program: the exchange is there, in the inbox.
landing-on-device = On a machine where Confrère is installed, this command shows it:
landing-nothing-here = This page knows neither who you are nor what is waiting: an exchange is read only where those are to whom it is addressed.
