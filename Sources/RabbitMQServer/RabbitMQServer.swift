// RabbitMQServer: throwaway RabbitMQ servers, one or a cluster, as our own child processes.
//
//     RabbitBinaries ─▶ epmd (our child, a port of its own)
//      find them        └▶ node 1, 2, 3 (our children): folder/node-N/{mnesia, rabbitmq.conf, …}
//                          127.0.0.1:port ─▶ RabbitCluster: endpoints, restart, stop, remove
//
// * Nothing of Debian's service is used but its programs: names, ports, cookie, plugins, data and
//   logs are the cluster's own, so that several may run side by side.
// * The node is the Erlang machine itself, not a script around it: we know its process, and it dies
//   with us. epmd, which tells nodes each other's ports, is started first and dies with us too.
// * Root's servers run as the user `rabbitmq`, else `nobody`.
// * Ready means: somebody logged in; in a cluster: what one node was told, all know.
