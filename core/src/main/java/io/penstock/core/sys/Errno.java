package io.penstock.core.sys;

/** Linux's error numbers, the same on every architecture supported here. */
public final class Errno {
    /** Operation not permitted. */
    public static final int EPERM = 1;
    /** No such file or directory. */
    public static final int ENOENT = 2;
    /** No such process. */
    public static final int ESRCH = 3;
    /** Interrupted system call. */
    public static final int EINTR = 4;
    /** Input/output error. */
    public static final int EIO = 5;
    /** No such device or address. */
    public static final int ENXIO = 6;
    /** Argument list too long. */
    public static final int E2BIG = 7;
    /** Exec format error. */
    public static final int ENOEXEC = 8;
    /** Bad file descriptor. */
    public static final int EBADF = 9;
    /** No child processes. */
    public static final int ECHILD = 10;
    /** Resource temporarily unavailable. */
    public static final int EAGAIN = 11;
    /** Cannot allocate memory. */
    public static final int ENOMEM = 12;
    /** Permission denied. */
    public static final int EACCES = 13;
    /** Bad address. */
    public static final int EFAULT = 14;
    /** Block device required. */
    public static final int ENOTBLK = 15;
    /** Device or resource busy. */
    public static final int EBUSY = 16;
    /** File exists. */
    public static final int EEXIST = 17;
    /** Invalid cross-device link. */
    public static final int EXDEV = 18;
    /** No such device. */
    public static final int ENODEV = 19;
    /** Not a directory. */
    public static final int ENOTDIR = 20;
    /** Is a directory. */
    public static final int EISDIR = 21;
    /** Invalid argument. */
    public static final int EINVAL = 22;
    /** Too many open files in system. */
    public static final int ENFILE = 23;
    /** Too many open files. */
    public static final int EMFILE = 24;
    /** Inappropriate ioctl for device. */
    public static final int ENOTTY = 25;
    /** Text file busy. */
    public static final int ETXTBSY = 26;
    /** File too large. */
    public static final int EFBIG = 27;
    /** No space left on device. */
    public static final int ENOSPC = 28;
    /** Illegal seek. */
    public static final int ESPIPE = 29;
    /** Read-only file system. */
    public static final int EROFS = 30;
    /** Too many links. */
    public static final int EMLINK = 31;
    /** Broken pipe. */
    public static final int EPIPE = 32;
    /** Numerical argument out of domain. */
    public static final int EDOM = 33;
    /** Numerical result out of range. */
    public static final int ERANGE = 34;
    /** Resource deadlock avoided. */
    public static final int EDEADLK = 35;
    /** File name too long. */
    public static final int ENAMETOOLONG = 36;
    /** No locks available. */
    public static final int ENOLCK = 37;
    /** Function not implemented. */
    public static final int ENOSYS = 38;
    /** Directory not empty. */
    public static final int ENOTEMPTY = 39;
    /** Too many levels of symbolic links. */
    public static final int ELOOP = 40;
    /** No message of desired type. */
    public static final int ENOMSG = 42;
    /** Identifier removed. */
    public static final int EIDRM = 43;
    /** Channel number out of range. */
    public static final int ECHRNG = 44;
    /** Level 2 not synchronized. */
    public static final int EL2NSYNC = 45;
    /** Level 3 halted. */
    public static final int EL3HLT = 46;
    /** Level 3 reset. */
    public static final int EL3RST = 47;
    /** Link number out of range. */
    public static final int ELNRNG = 48;
    /** Protocol driver not attached. */
    public static final int EUNATCH = 49;
    /** No CSI structure available. */
    public static final int ENOCSI = 50;
    /** Level 2 halted. */
    public static final int EL2HLT = 51;
    /** Invalid exchange. */
    public static final int EBADE = 52;
    /** Invalid request descriptor. */
    public static final int EBADR = 53;
    /** Exchange full. */
    public static final int EXFULL = 54;
    /** No anode. */
    public static final int ENOANO = 55;
    /** Invalid request code. */
    public static final int EBADRQC = 56;
    /** Invalid slot. */
    public static final int EBADSLT = 57;
    /** Bad font file format. */
    public static final int EBFONT = 59;
    /** Device not a stream. */
    public static final int ENOSTR = 60;
    /** No data available. */
    public static final int ENODATA = 61;
    /** Timer expired. */
    public static final int ETIME = 62;
    /** Out of streams resources. */
    public static final int ENOSR = 63;
    /** Machine is not on the network. */
    public static final int ENONET = 64;
    /** Package not installed. */
    public static final int ENOPKG = 65;
    /** Object is remote. */
    public static final int EREMOTE = 66;
    /** Link has been severed. */
    public static final int ENOLINK = 67;
    /** Advertise error. */
    public static final int EADV = 68;
    /** Srmount error. */
    public static final int ESRMNT = 69;
    /** Communication error on send. */
    public static final int ECOMM = 70;
    /** Protocol error. */
    public static final int EPROTO = 71;
    /** Multihop attempted. */
    public static final int EMULTIHOP = 72;
    /** RFS specific error. */
    public static final int EDOTDOT = 73;
    /** Bad message. */
    public static final int EBADMSG = 74;
    /** Value too large for defined data type. */
    public static final int EOVERFLOW = 75;
    /** Name not unique on network. */
    public static final int ENOTUNIQ = 76;
    /** File descriptor in bad state. */
    public static final int EBADFD = 77;
    /** Remote address changed. */
    public static final int EREMCHG = 78;
    /** Can not access a needed shared library. */
    public static final int ELIBACC = 79;
    /** Accessing a corrupted shared library. */
    public static final int ELIBBAD = 80;
    /** .lib section in a.out corrupted. */
    public static final int ELIBSCN = 81;
    /** Attempting to link in too many shared libraries. */
    public static final int ELIBMAX = 82;
    /** Cannot exec a shared library directly. */
    public static final int ELIBEXEC = 83;
    /** Invalid or incomplete multibyte or wide character. */
    public static final int EILSEQ = 84;
    /** Interrupted system call should be restarted. */
    public static final int ERESTART = 85;
    /** Streams pipe error. */
    public static final int ESTRPIPE = 86;
    /** Too many users. */
    public static final int EUSERS = 87;
    /** Socket operation on non-socket. */
    public static final int ENOTSOCK = 88;
    /** Destination address required. */
    public static final int EDESTADDRREQ = 89;
    /** Message too long. */
    public static final int EMSGSIZE = 90;
    /** Protocol wrong type for socket. */
    public static final int EPROTOTYPE = 91;
    /** Protocol not available. */
    public static final int ENOPROTOOPT = 92;
    /** Protocol not supported. */
    public static final int EPROTONOSUPPORT = 93;
    /** Socket type not supported. */
    public static final int ESOCKTNOSUPPORT = 94;
    /** Operation not supported. */
    public static final int EOPNOTSUPP = 95;
    /** Protocol family not supported. */
    public static final int EPFNOSUPPORT = 96;
    /** Address family not supported by protocol. */
    public static final int EAFNOSUPPORT = 97;
    /** Address already in use. */
    public static final int EADDRINUSE = 98;
    /** Cannot assign requested address. */
    public static final int EADDRNOTAVAIL = 99;
    /** Network is down. */
    public static final int ENETDOWN = 100;
    /** Network is unreachable. */
    public static final int ENETUNREACH = 101;
    /** Network dropped connection on reset. */
    public static final int ENETRESET = 102;
    /** Software caused connection abort. */
    public static final int ECONNABORTED = 103;
    /** Connection reset by peer. */
    public static final int ECONNRESET = 104;
    /** No buffer space available. */
    public static final int ENOBUFS = 105;
    /** Transport endpoint is already connected. */
    public static final int EISCONN = 106;
    /** Transport endpoint is not connected. */
    public static final int ENOTCONN = 107;
    /** Cannot send after transport endpoint shutdown. */
    public static final int ESHUTDOWN = 108;
    /** Too many references: cannot splice. */
    public static final int ETOOMANYREFS = 109;
    /** Connection timed out. */
    public static final int ETIMEDOUT = 110;
    /** Connection refused. */
    public static final int ECONNREFUSED = 111;
    /** Host is down. */
    public static final int EHOSTDOWN = 112;
    /** No route to host. */
    public static final int EHOSTUNREACH = 113;
    /** Operation already in progress. */
    public static final int EALREADY = 114;
    /** Operation now in progress. */
    public static final int EINPROGRESS = 115;
    /** Stale file handle. */
    public static final int ESTALE = 116;
    /** Structure needs cleaning. */
    public static final int EUCLEAN = 117;
    /** Not a XENIX named type file. */
    public static final int ENOTNAM = 118;
    /** No XENIX semaphores available. */
    public static final int ENAVAIL = 119;
    /** Is a named type file. */
    public static final int EISNAM = 120;
    /** Remote I/O error. */
    public static final int EREMOTEIO = 121;
    /** Disk quota exceeded. */
    public static final int EDQUOT = 122;
    /** No medium found. */
    public static final int ENOMEDIUM = 123;
    /** Wrong medium type. */
    public static final int EMEDIUMTYPE = 124;
    /** Operation canceled. */
    public static final int ECANCELED = 125;
    /** Required key not available. */
    public static final int ENOKEY = 126;
    /** Key has expired. */
    public static final int EKEYEXPIRED = 127;
    /** Key has been revoked. */
    public static final int EKEYREVOKED = 128;
    /** Key was rejected by service. */
    public static final int EKEYREJECTED = 129;
    /** Owner died. */
    public static final int EOWNERDEAD = 130;
    /** State not recoverable. */
    public static final int ENOTRECOVERABLE = 131;
    /** Operation not possible due to RF-kill. */
    public static final int ERFKILL = 132;
    /** Memory page has hardware error. */
    public static final int EHWPOISON = 133;

    private static final String[] TEXT = new String[134];

    static {
        TEXT[EPERM] = "EPERM: operation not permitted";
        TEXT[ENOENT] = "ENOENT: no such file or directory";
        TEXT[ESRCH] = "ESRCH: no such process";
        TEXT[EINTR] = "EINTR: interrupted system call";
        TEXT[EIO] = "EIO: input/output error";
        TEXT[ENXIO] = "ENXIO: no such device or address";
        TEXT[E2BIG] = "E2BIG: argument list too long";
        TEXT[ENOEXEC] = "ENOEXEC: exec format error";
        TEXT[EBADF] = "EBADF: bad file descriptor";
        TEXT[ECHILD] = "ECHILD: no child processes";
        TEXT[EAGAIN] = "EAGAIN: resource temporarily unavailable";
        TEXT[ENOMEM] = "ENOMEM: cannot allocate memory";
        TEXT[EACCES] = "EACCES: permission denied";
        TEXT[EFAULT] = "EFAULT: bad address";
        TEXT[ENOTBLK] = "ENOTBLK: block device required";
        TEXT[EBUSY] = "EBUSY: device or resource busy";
        TEXT[EEXIST] = "EEXIST: file exists";
        TEXT[EXDEV] = "EXDEV: invalid cross-device link";
        TEXT[ENODEV] = "ENODEV: no such device";
        TEXT[ENOTDIR] = "ENOTDIR: not a directory";
        TEXT[EISDIR] = "EISDIR: is a directory";
        TEXT[EINVAL] = "EINVAL: invalid argument";
        TEXT[ENFILE] = "ENFILE: too many open files in system";
        TEXT[EMFILE] = "EMFILE: too many open files";
        TEXT[ENOTTY] = "ENOTTY: inappropriate ioctl for device";
        TEXT[ETXTBSY] = "ETXTBSY: text file busy";
        TEXT[EFBIG] = "EFBIG: file too large";
        TEXT[ENOSPC] = "ENOSPC: no space left on device";
        TEXT[ESPIPE] = "ESPIPE: illegal seek";
        TEXT[EROFS] = "EROFS: read-only file system";
        TEXT[EMLINK] = "EMLINK: too many links";
        TEXT[EPIPE] = "EPIPE: broken pipe";
        TEXT[EDOM] = "EDOM: numerical argument out of domain";
        TEXT[ERANGE] = "ERANGE: numerical result out of range";
        TEXT[EDEADLK] = "EDEADLK: resource deadlock avoided";
        TEXT[ENAMETOOLONG] = "ENAMETOOLONG: file name too long";
        TEXT[ENOLCK] = "ENOLCK: no locks available";
        TEXT[ENOSYS] = "ENOSYS: function not implemented";
        TEXT[ENOTEMPTY] = "ENOTEMPTY: directory not empty";
        TEXT[ELOOP] = "ELOOP: too many levels of symbolic links";
        TEXT[ENOMSG] = "ENOMSG: no message of desired type";
        TEXT[EIDRM] = "EIDRM: identifier removed";
        TEXT[ECHRNG] = "ECHRNG: channel number out of range";
        TEXT[EL2NSYNC] = "EL2NSYNC: level 2 not synchronized";
        TEXT[EL3HLT] = "EL3HLT: level 3 halted";
        TEXT[EL3RST] = "EL3RST: level 3 reset";
        TEXT[ELNRNG] = "ELNRNG: link number out of range";
        TEXT[EUNATCH] = "EUNATCH: protocol driver not attached";
        TEXT[ENOCSI] = "ENOCSI: no CSI structure available";
        TEXT[EL2HLT] = "EL2HLT: level 2 halted";
        TEXT[EBADE] = "EBADE: invalid exchange";
        TEXT[EBADR] = "EBADR: invalid request descriptor";
        TEXT[EXFULL] = "EXFULL: exchange full";
        TEXT[ENOANO] = "ENOANO: no anode";
        TEXT[EBADRQC] = "EBADRQC: invalid request code";
        TEXT[EBADSLT] = "EBADSLT: invalid slot";
        TEXT[EBFONT] = "EBFONT: bad font file format";
        TEXT[ENOSTR] = "ENOSTR: device not a stream";
        TEXT[ENODATA] = "ENODATA: no data available";
        TEXT[ETIME] = "ETIME: timer expired";
        TEXT[ENOSR] = "ENOSR: out of streams resources";
        TEXT[ENONET] = "ENONET: machine is not on the network";
        TEXT[ENOPKG] = "ENOPKG: package not installed";
        TEXT[EREMOTE] = "EREMOTE: object is remote";
        TEXT[ENOLINK] = "ENOLINK: link has been severed";
        TEXT[EADV] = "EADV: advertise error";
        TEXT[ESRMNT] = "ESRMNT: srmount error";
        TEXT[ECOMM] = "ECOMM: communication error on send";
        TEXT[EPROTO] = "EPROTO: protocol error";
        TEXT[EMULTIHOP] = "EMULTIHOP: multihop attempted";
        TEXT[EDOTDOT] = "EDOTDOT: RFS specific error";
        TEXT[EBADMSG] = "EBADMSG: bad message";
        TEXT[EOVERFLOW] = "EOVERFLOW: value too large for defined data type";
        TEXT[ENOTUNIQ] = "ENOTUNIQ: name not unique on network";
        TEXT[EBADFD] = "EBADFD: file descriptor in bad state";
        TEXT[EREMCHG] = "EREMCHG: remote address changed";
        TEXT[ELIBACC] = "ELIBACC: can not access a needed shared library";
        TEXT[ELIBBAD] = "ELIBBAD: accessing a corrupted shared library";
        TEXT[ELIBSCN] = "ELIBSCN: .lib section in a.out corrupted";
        TEXT[ELIBMAX] = "ELIBMAX: attempting to link in too many shared libraries";
        TEXT[ELIBEXEC] = "ELIBEXEC: cannot exec a shared library directly";
        TEXT[EILSEQ] = "EILSEQ: invalid or incomplete multibyte or wide character";
        TEXT[ERESTART] = "ERESTART: interrupted system call should be restarted";
        TEXT[ESTRPIPE] = "ESTRPIPE: streams pipe error";
        TEXT[EUSERS] = "EUSERS: too many users";
        TEXT[ENOTSOCK] = "ENOTSOCK: socket operation on non-socket";
        TEXT[EDESTADDRREQ] = "EDESTADDRREQ: destination address required";
        TEXT[EMSGSIZE] = "EMSGSIZE: message too long";
        TEXT[EPROTOTYPE] = "EPROTOTYPE: protocol wrong type for socket";
        TEXT[ENOPROTOOPT] = "ENOPROTOOPT: protocol not available";
        TEXT[EPROTONOSUPPORT] = "EPROTONOSUPPORT: protocol not supported";
        TEXT[ESOCKTNOSUPPORT] = "ESOCKTNOSUPPORT: socket type not supported";
        TEXT[EOPNOTSUPP] = "EOPNOTSUPP: operation not supported";
        TEXT[EPFNOSUPPORT] = "EPFNOSUPPORT: protocol family not supported";
        TEXT[EAFNOSUPPORT] = "EAFNOSUPPORT: address family not supported by protocol";
        TEXT[EADDRINUSE] = "EADDRINUSE: address already in use";
        TEXT[EADDRNOTAVAIL] = "EADDRNOTAVAIL: cannot assign requested address";
        TEXT[ENETDOWN] = "ENETDOWN: network is down";
        TEXT[ENETUNREACH] = "ENETUNREACH: network is unreachable";
        TEXT[ENETRESET] = "ENETRESET: network dropped connection on reset";
        TEXT[ECONNABORTED] = "ECONNABORTED: software caused connection abort";
        TEXT[ECONNRESET] = "ECONNRESET: connection reset by peer";
        TEXT[ENOBUFS] = "ENOBUFS: no buffer space available";
        TEXT[EISCONN] = "EISCONN: transport endpoint is already connected";
        TEXT[ENOTCONN] = "ENOTCONN: transport endpoint is not connected";
        TEXT[ESHUTDOWN] = "ESHUTDOWN: cannot send after transport endpoint shutdown";
        TEXT[ETOOMANYREFS] = "ETOOMANYREFS: too many references: cannot splice";
        TEXT[ETIMEDOUT] = "ETIMEDOUT: connection timed out";
        TEXT[ECONNREFUSED] = "ECONNREFUSED: connection refused";
        TEXT[EHOSTDOWN] = "EHOSTDOWN: host is down";
        TEXT[EHOSTUNREACH] = "EHOSTUNREACH: no route to host";
        TEXT[EALREADY] = "EALREADY: operation already in progress";
        TEXT[EINPROGRESS] = "EINPROGRESS: operation now in progress";
        TEXT[ESTALE] = "ESTALE: stale file handle";
        TEXT[EUCLEAN] = "EUCLEAN: structure needs cleaning";
        TEXT[ENOTNAM] = "ENOTNAM: not a XENIX named type file";
        TEXT[ENAVAIL] = "ENAVAIL: no XENIX semaphores available";
        TEXT[EISNAM] = "EISNAM: is a named type file";
        TEXT[EREMOTEIO] = "EREMOTEIO: remote I/O error";
        TEXT[EDQUOT] = "EDQUOT: disk quota exceeded";
        TEXT[ENOMEDIUM] = "ENOMEDIUM: no medium found";
        TEXT[EMEDIUMTYPE] = "EMEDIUMTYPE: wrong medium type";
        TEXT[ECANCELED] = "ECANCELED: operation canceled";
        TEXT[ENOKEY] = "ENOKEY: required key not available";
        TEXT[EKEYEXPIRED] = "EKEYEXPIRED: key has expired";
        TEXT[EKEYREVOKED] = "EKEYREVOKED: key has been revoked";
        TEXT[EKEYREJECTED] = "EKEYREJECTED: key was rejected by service";
        TEXT[EOWNERDEAD] = "EOWNERDEAD: owner died";
        TEXT[ENOTRECOVERABLE] = "ENOTRECOVERABLE: state not recoverable";
        TEXT[ERFKILL] = "ERFKILL: operation not possible due to RF-kill";
        TEXT[EHWPOISON] = "EHWPOISON: memory page has hardware error";
    }

    private Errno() {
    }

    /**
     * The name and meaning of an error number.
     *
     * @param errno positive
     * @return such as {@code "EAGAIN: resource temporarily unavailable"}, or null if there is none
     */
    public static String describe(int errno) {
        return errno > 0 && errno < TEXT.length ? TEXT[errno] : null;
    }
}
