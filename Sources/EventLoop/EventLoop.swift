/// EventLoop: under construction.
package enum EventLoopRoom {}
