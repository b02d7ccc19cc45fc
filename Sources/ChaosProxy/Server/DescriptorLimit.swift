import Glibc

/// The number of descriptors that this process may open: two for each connection.
enum DescriptorLimit {
    /// Raises the soft limit to the hard one; when that is refused the old one stays.
    static func raise() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return
        }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
