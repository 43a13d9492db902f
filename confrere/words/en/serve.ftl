# The service

serve-flag-data-help = folder of the service's data
serve-flag-port-help = TCP port; 0 takes a free one
serve-flag-host-help = interface to listen on
serve-running = The service answers at { $url }. Ctrl-C stops it.
